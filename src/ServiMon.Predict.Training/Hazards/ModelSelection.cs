namespace ServiMon.Predict.Training.Hazards;

/// <summary>A candidate with its out-of-fold loss.</summary>
internal sealed record Scored(Candidate Candidate, LossSummary Loss);

/// <summary>Which of the candidates is used.</summary>
internal static class ModelSelection
{
    /// <summary>The strength with the least loss; of equals, the first.</summary>
    public static Scored BestStrength(IEnumerable<Scored> strengths) => strengths.MinBy(s => s.Loss.Total)!;

    /// <summary>
    /// The strength nearest to the preferred one whose loss is within one standard error of the least: a dozen failures cannot tell strengths
    /// apart, and following their chance costs more than the best strength gains.
    /// </summary>
    public static Scored SteadyStrength(IReadOnlyList<Scored> strengths, double preferred)
    {
        var best = BestStrength(strengths);
        return strengths.OrderBy(s => Math.Abs(Math.Log(s.Candidate.Parts[0].Strength / preferred)))
            .First(s => s == best || s.Loss.Total - best.Loss.Total <= s.Loss.StandardError(best.Loss));
    }

    /// <summary>
    /// The first (simplest) whose loss is within one standard error, over groups, of the best one's (Breiman and others, 1984,
    /// "Classification and regression trees", section 3.4.3).
    /// </summary>
    public static Scored Choose(IReadOnlyList<Scored> simplestFirst)
    {
        var best = BestStrength(simplestFirst);
        return simplestFirst.First(s => s.Loss.Total - best.Loss.Total <= (s == best ? 0 : s.Loss.StandardError(best.Loss)));
    }
}
