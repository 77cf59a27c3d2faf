using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Training;

/// <summary>The share in which rows are drawn by their time to the next incident.</summary>
internal sealed class NearRows
{
    private readonly (long Until, double Share)[] _stretches;

    /// <param name="nearHorizons">The last stretch ends at this many longest horizons before the incident.</param>
    /// <param name="rowsPerStretch">Rows wanted from each stretch.</param>
    public NearRows(Profile profile, int nearHorizons, double rowsPerStretch)
    {
        long[] ends = [.. profile.Horizons.Select(h => h.Span.Ticks), nearHorizons * profile.LongestHorizon.Ticks];
        _stretches = [.. ends.Select((end, i) =>
            (end, Math.Min(1, rowsPerStretch * profile.Step.Ticks / (end - (i == 0 ? 0 : ends[i - 1])))))];
    }

    /// <summary>Null when the incident is further away than the last stretch.</summary>
    public double? ShareAt(long ticksToIncident)
    {
        foreach (var (until, share) in _stretches)
            if (ticksToIncident <= until) return share;
        return null;
    }
}
