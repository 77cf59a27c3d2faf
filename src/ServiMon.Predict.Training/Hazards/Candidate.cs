using System.Collections.Immutable;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>A way of scoring evidence, simplest first.</summary>
internal enum ScoreKind
{
    /// <summary>Ridge logistic regression on the mechanisms, own and pooled rows.</summary>
    LinearMechanism,

    /// <summary>The same on own rows alone, where there are pooled ones.</summary>
    LinearOwn,

    /// <summary>Ridge logistic regression on the universal part, own and pooled rows.</summary>
    LinearUniversal,

    /// <summary>Ridge logistic regression on all evidence, own rows.</summary>
    LinearAll,

    /// <summary>Boosted trees on the universal part, own and pooled rows.</summary>
    TreesUniversal,

    /// <summary>Boosted trees on all evidence, own rows.</summary>
    TreesAll,
}

/// <summary>One score with its strength: a ridge for the linear kinds, a number of trees for the others.</summary>
internal sealed record ScorePart(ScoreKind Kind, double Strength)
{
    public string Name => Kind switch
    {
        ScoreKind.LinearUniversal => FormattableString.Invariant($"logistic regression, universal part, ridge {Strength:G3}"),
        ScoreKind.LinearMechanism => FormattableString.Invariant($"logistic regression, mechanisms, ridge {Strength:G3}"),
        ScoreKind.LinearOwn => FormattableString.Invariant($"logistic regression, mechanisms, own rows only, ridge {Strength:G3}"),
        ScoreKind.LinearAll => FormattableString.Invariant($"logistic regression, all evidence, ridge {Strength:G3}"),
        ScoreKind.TreesUniversal => FormattableString.Invariant($"boosted trees, universal part, {Strength} trees"),
        _ => FormattableString.Invariant($"boosted trees, all evidence, {Strength} trees"),
    };
}

/// <summary>One or more parts whose log-odds are averaged.</summary>
/// <param name="Scores">Out of fold, for each bucket and each row that is evaluated.</param>
internal sealed record Candidate(ImmutableArray<ScorePart> Parts, double[][] Scores)
{
    public string Name => Parts.Length == 1 ? Parts[0].Name : $"mean of {string.Join(" and ", Parts.Select(p => p.Name))}";

    /// <summary>The mean of two candidates' log-odds.</summary>
    public static Candidate Mean(Candidate a, Candidate b)
    {
        var scores = new double[a.Scores.Length][];
        for (var j = 0; j < scores.Length; j++) scores[j] = [.. a.Scores[j].Zip(b.Scores[j], (x, y) => (x + y) / 2)];
        return new Candidate([.. a.Parts, .. b.Parts], scores);
    }
}
