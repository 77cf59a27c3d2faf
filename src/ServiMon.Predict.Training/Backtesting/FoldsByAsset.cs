using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>Deals assets to folds: those with incidents first, then the others, each in a seeded random order, so that folds are alike.</summary>
internal static class FoldsByAsset
{
    /// <summary>Deals whole groups: what a composite and its members belong to. Groups whose composites failed come first, or, where none did, those whose members did.</summary>
    /// <param name="groupOf">The group of each asset.</param>
    /// <param name="groupOfComposite">The group of each composite that has one.</param>
    public static IReadOnlyDictionary<string, int> Assign(
        IReadOnlyDictionary<string, string> groupOf, IReadOnlyDictionary<string, string> groupOfComposite, IReadOnlyList<Incident> incidents, int folds, ulong seed)
    {
        var ofComposites = incidents.Where(i => groupOfComposite.ContainsKey(i.Asset)).Select(i => i with { Asset = groupOfComposite[i.Asset] }).ToList();
        var counted = ofComposites.Count > 0 ? ofComposites : [.. incidents.Where(i => groupOf.ContainsKey(i.Asset)).Select(i => i with { Asset = groupOf[i.Asset] })];
        var fold = Assign([.. groupOf.Values.Distinct()], counted, folds, seed);
        return groupOf.ToDictionary(a => a.Key, a => fold[a.Value]);
    }

    public static IReadOnlyDictionary<string, int> Assign(IReadOnlyList<string> assets, IReadOnlyList<Incident> incidents, int folds, ulong seed)
    {
        var failing = incidents.Select(i => i.Asset).ToHashSet();
        var random = new Random((int)(seed % int.MaxValue));
        var shuffled = assets.Order(StringComparer.Ordinal).ToArray();
        random.Shuffle(shuffled);
        return shuffled.OrderBy(a => failing.Contains(a) ? 0 : 1).Select((a, i) => (a, i)).ToDictionary(x => x.a, x => x.i % folds);
    }
}
