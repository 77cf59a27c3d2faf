using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>Deals assets to folds: those with incidents first, then the others, each in a seeded random order, so that folds are alike.</summary>
internal static class FoldsByAsset
{
    public static IReadOnlyDictionary<string, int> Assign(IReadOnlyList<string> assets, IReadOnlyList<Incident> incidents, int folds, ulong seed)
    {
        var failing = incidents.Select(i => i.Asset).ToHashSet();
        var random = new Random((int)(seed % int.MaxValue));
        var shuffled = assets.Order(StringComparer.Ordinal).ToArray();
        random.Shuffle(shuffled);
        return shuffled.OrderBy(a => failing.Contains(a) ? 0 : 1).Select((a, i) => (a, i)).ToDictionary(x => x.a, x => x.i % folds);
    }
}
