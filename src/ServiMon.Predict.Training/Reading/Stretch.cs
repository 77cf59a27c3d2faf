namespace ServiMon.Predict.Training.Reading;

/// <summary>A part of an asset's history that is read in one go.</summary>
/// <param name="From">UTC ticks, inclusive, the beginning of a step.</param>
/// <param name="To">UTC ticks, exclusive, the beginning of a step.</param>
internal readonly record struct Stretch(long From, long To)
{
    /// <summary>Stretches in order of time, with those put together between which less than <paramref name="gap"/> would be left out.</summary>
    public static List<Stretch> Merge(List<Stretch> stretches, long gap)
    {
        stretches.Sort((a, b) => a.From.CompareTo(b.From));
        var merged = new List<Stretch>();
        foreach (var next in stretches)
        {
            if (next.To <= next.From) continue;
            if (merged.Count > 0 && next.From - merged[^1].To < gap) merged[^1] = new Stretch(merged[^1].From, Math.Max(merged[^1].To, next.To));
            else merged.Add(next);
        }
        return merged;
    }
}
