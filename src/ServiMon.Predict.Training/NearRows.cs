using ServiMon.Predict.Profiles;
using ServiMon.Predict.Training.Reading;

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

    private NearRows((long, double)[] stretches) => _stretches = stretches;

    /// <summary>The same with each share multiplied.</summary>
    public NearRows Times(double factor) => new([.. _stretches.Select(s => (s.Until, s.Share * factor))]);

    /// <summary>Null when the incident is further away than the last stretch.</summary>
    public double? ShareAt(long ticksToIncident)
    {
        foreach (var (until, share) in _stretches)
            if (ticksToIncident <= until) return share;
        return null;
    }

    /// <summary>Rows of an asset: how many are drawn, on average, of those near an incident, and how many are near none, all by the mean density of its rows.</summary>
    public (double Near, double Far) Expect(AssetReading asset, TimeSpan step)
    {
        if (asset.Extent.RowCount == 0) return default;
        var first = asset.Extent.First.UtcTicks;
        var density = asset.Extent.RowCount / (double)(asset.End - 1 - first + step.Ticks);
        double drawn = 0, near = 0;
        foreach (var window in NearWindow.Of(asset.Timeline, _stretches[^1].Until, first))
        {
            near += density * Math.Max(0, Math.Min(window.To, asset.End) - window.From);
            var begun = 0L;
            foreach (var (until, share) in _stretches)
            {
                drawn += density * share * Math.Max(0, Math.Min(Math.Min(window.To - begun, window.To), asset.End) - Math.Max(window.To - until, window.From));
                begun = until;
            }
        }
        return (drawn, Math.Max(0, asset.Extent.RowCount - near));
    }
}
