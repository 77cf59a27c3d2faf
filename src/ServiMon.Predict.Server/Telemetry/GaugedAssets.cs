using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>
/// Which assets have gauges of their own: all, or where there are more than the bound allows, those in an incident and then those most at risk. One
/// that is shown is kept until another's probability is a quarter higher, so that series do not come and go with every scrape.
/// </summary>
/// <param name="most">Most assets that are shown.</param>
internal sealed class GaugedAssets(PredictionBoard board, int most)
{
    /// <summary>What the probability of an asset that is shown counts in comparison.</summary>
    private const double Persistence = 1.25;

    /// <summary>Above every probability, kept or not.</summary>
    private const double InIncident = 2;

    private HashSet<AssetKey> _chosen = [];

    /// <summary>Most assets that are shown.</summary>
    public int Most => most;

    /// <summary>Those that are shown now. Safe to call from several threads.</summary>
    public IReadOnlySet<AssetKey> Choose()
    {
        var keys = board.Keys.ToArray();
        var before = Volatile.Read(ref _chosen);
        var chosen = keys.Length <= most ? keys.ToHashSet()
            // The sort is stable: equals stand in order of profile and name.
            : keys.Select(k => (Key: k, Weight: Weight(k) * (before.Contains(k) ? Persistence : 1))).OrderByDescending(k => k.Weight).Take(most).Select(k => k.Key).ToHashSet();
        Volatile.Write(ref _chosen, chosen);
        return chosen;
    }

    private double Weight(AssetKey key)
    {
        if (!board.TryGet(key, out var prediction)) return 0;
        if (prediction.State == PredictionState.InIncident) return InIncident;
        return prediction.State == PredictionState.Ready ? prediction.LongestProbability : 0;
    }
}
