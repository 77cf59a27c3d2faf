using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Training.Reading;

/// <summary>An asset that two models are compared on.</summary>
/// <param name="Weight">Assets that it stands for.</param>
internal sealed record HeldOutAsset(AssetReading Reading, double Weight);

/// <summary>Which assets two models are compared on, and what is read of them.</summary>
internal static class HeldOutAssets
{
    /// <summary>Scoring a row by two models costs about this many times what reading it for training does.</summary>
    private const int ScoringCost = 8;

    /// <summary>
    /// All assets whole, when there are few enough rows. Else all that failed in the held-out time and of the others a sample, each read from its
    /// warm-up before the held-out time on.
    /// </summary>
    public static IReadOnlyList<HeldOutAsset> Choose(
        Profile candidate, Profile champion, TrainingFleet fleet, long from, ReadingOptions reading, ulong seed)
    {
        var timelines = FleetCut.Timelines(fleet, null);
        var (own, other) = (ReadingSpans.Of(candidate, 1), ReadingSpans.Of(champion, 1));
        var spans = own with { WarmUp = Math.Max(own.WarmUp, other.WarmUp), Lead = Math.Max(own.Lead, other.Lead) };
        var isWhole = fleet.RowCount * fleet.Metrics.Count <= reading.MostValues / ScoringCost;
        var assets = fleet.Assets.Where(a => a.RowCount > 0 && (isWhole || a.Last.UtcTicks >= from)).Select(a => new AssetReading(
            a, timelines[a.Asset], spans, candidate.Step, isWhole ? null : [], 0, isWhole ? 1 : 0, from)).ToList();
        if (isWhole) return [.. assets.Select(a => new HeldOutAsset(a, 1))];
        var failed = assets.ToLookup(a => a.Timeline.Incidents.Any(i => i.Start >= from));
        var room = reading.MostValues / ScoringCost / (double)Math.Max(1, fleet.Metrics.Count) - failed[true].Sum(a => a.ExpectedRows);
        // At least as many healthy assets as failed ones: a comparison needs both.
        var least = Math.Min(1, failed[true].Count() / (double)Math.Max(1, failed[false].Count()));
        var share = Math.Clamp(room / Math.Max(1, failed[false].Sum(a => a.ExpectedRows)), Math.Max(least, 1e-3), 1);
        var start = RowDraw.Uniform(RowDraw.Salt(seed, "comparison"), 0);
        return [.. failed[true].Select(a => new HeldOutAsset(a, 1)),
            .. failed[false].Where((_, i) => RowDraw.IsChosen(start, share, i)).Select(a => new HeldOutAsset(a, 1 / share))];
    }
}
