using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

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

    /// <summary>As the constructor; with fewer rows an incident where all together would be more than <paramref name="most"/>.</summary>
    public static NearRows Within(
        Profile profile, int nearHorizons, double rowsPerStretch, double most,
        IReadOnlyList<AssetRows> assets, IReadOnlyDictionary<string, Timeline> timelines, long cut)
    {
        var near = new NearRows(profile, nearHorizons, rowsPerStretch);
        var rows = near.Count(assets, timelines, cut).Near;
        return rows <= most ? near : new NearRows([.. near._stretches.Select(s => (s.Until, s.Share * most / rows))]);
    }

    /// <summary>Null when the incident is further away than the last stretch.</summary>
    public double? ShareAt(long ticksToIncident)
    {
        foreach (var (until, share) in _stretches)
            if (ticksToIncident <= until) return share;
        return null;
    }

    /// <summary>Rows before the time: how many are drawn, on average, of those near an incident, and how many are not near one.</summary>
    public (double Near, double Far) Count(IReadOnlyList<AssetRows> assets, IReadOnlyDictionary<string, Timeline> timelines, long cut)
    {
        double near = 0, far = 0;
        foreach (var asset in assets)
        {
            var timeline = timelines[asset.Asset];
            var count = EvidenceTableBuilder.CountBefore(asset, cut);
            for (var row = 0; row < count; row++)
            {
                var next = timeline.NextIncident(asset.Ticks[row]);
                if (next >= 0 && ShareAt(timeline.Incidents[next].Start - asset.Ticks[row]) is { } share) near += share;
                else far++;
            }
        }
        return (near, far);
    }
}
