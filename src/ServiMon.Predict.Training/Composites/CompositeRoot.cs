using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training.Composites;

/// <summary>Assets with the same first segment, and all composites that they make: these are replayed together.</summary>
/// <param name="Assets">Those that are members of some composite.</param>
/// <param name="Composites">Their members are indices of <paramref name="Assets"/>.</param>
internal sealed record CompositeRoot(string Name, IReadOnlyList<string> Assets, IReadOnlyList<Composite> Composites)
{
    public static IReadOnlyList<CompositeRoot> Of(IEnumerable<string> assets) =>
        [.. assets.GroupBy(AssetPath.Root, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new CompositeRoot(g.Key, [.. g], Composite.Of([.. g]))).Where(r => r.Composites.Count > 0)];

    /// <summary>Some of the assets, with the composites that have no others.</summary>
    public CompositeRoot Within(IReadOnlySet<string> assets)
    {
        int[] kept = [.. Enumerable.Range(0, Assets.Count).Where(a => assets.Contains(Assets[a]))];
        return this with
        {
            Assets = [.. kept.Select(a => Assets[a])],
            Composites = [.. Composites.Where(c => c.Members.All(m => assets.Contains(Assets[m]))).Select(c => c with { Members = [.. c.Members.Select(m => Array.BinarySearch(kept, m))] })],
        };
    }

    /// <summary>The time from the first to the last row of any member, as if there were a row a step.</summary>
    public static AssetExtent Extent(string path, IEnumerable<AssetExtent> members, TimeSpan step)
    {
        var some = members.Where(m => m.RowCount > 0).ToList();
        if (some.Count == 0) return new AssetExtent(path, default, default, 0);
        var (first, last) = (some.Min(m => m.First), some.Max(m => m.Last));
        return new AssetExtent(path, first, last, (last - first).Ticks / step.Ticks + 1);
    }

    /// <summary>What is read of an asset whose history is read whole.</summary>
    public static AssetReading Whole(AssetExtent extent, Timeline timeline, Profile profile) =>
        new(extent, timeline, ReadingSpans.Of(profile, 1), profile.Step, null, 0, 1);
}
