using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Training.Reading;

/// <summary>How much of a history has to be read before evidence is worth something. All in ticks, whole steps.</summary>
/// <param name="WarmUp">Read before every stretch: the averages then hold 1/64 of what they held before it.</param>
/// <param name="Lead">Read before an incident or maintenance, so that failure rules see it begin.</param>
/// <param name="Tile">Healthy history is drawn in stretches of this length.</param>
/// <param name="Near">Before an incident, evidence is near it for this long.</param>
internal readonly record struct ReadingSpans(long WarmUp, long Lead, long Tile, long Near)
{
    /// <summary>Half-lives of the slowest average in a warm-up.</summary>
    private const int SlowHalfLives = 6;

    public static ReadingSpans Of(Profile profile, int nearHorizons)
    {
        var step = profile.Step.Ticks;
        var rule = profile.FailureRules.Select(r => r.For.Ticks).DefaultIfEmpty(0).Max();
        var warmUp = Math.Max(SlowHalfLives * profile.HalfLives[2].Ticks, Math.Max(profile.WarmUp.Ticks, profile.StaleAfter.Ticks) + step);
        return new ReadingSpans(
            Steps(warmUp), Steps(rule + 2 * step), Steps(warmUp),
            nearHorizons * profile.LongestHorizon.Ticks);

        long Steps(long ticks) => (ticks + step - 1) / step * step;
    }
}
