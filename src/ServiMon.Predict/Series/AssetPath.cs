namespace ServiMon.Predict.Series;

/// <summary>Names of assets as paths: <c>array-1/telescope-3/az-drive</c> is a member of <c>array-1/telescope-3</c> and of <c>array-1</c>.</summary>
public static class AssetPath
{
    /// <summary>The paths above one, the nearest first.</summary>
    public static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1)) yield return path[..slash];
    }

    /// <summary>The first segment: what all members of a composite share.</summary>
    public static string Root(string path) => path.IndexOf('/') is > 0 and var slash ? path[..slash] : path;

    public static bool IsMember(string path, string composite) =>
        path.Length > composite.Length && path[composite.Length] == '/' && path.StartsWith(composite, StringComparison.Ordinal);
}

/// <summary>A parent path with the assets below it.</summary>
/// <param name="Members">Indices of the assets, ascending.</param>
public sealed record Composite(string Path, IReadOnlyList<int> Members)
{
    /// <summary>The composites that some assets make, by path. A path that is an asset itself is none: it has rows of its own.</summary>
    public static IReadOnlyList<Composite> Of(IReadOnlyList<string> assets)
    {
        var known = assets.ToHashSet(StringComparer.Ordinal);
        return [.. assets.SelectMany((asset, index) => AssetPath.Parents(asset).Where(p => !known.Contains(p)).Select(path => (path, index)))
            .GroupBy(m => m.path, m => m.index, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new Composite(g.Key, [.. g]))];
    }

    /// <summary>The windows with those of composites told of everything below them: what is down on purpose takes its members with it.</summary>
    /// <param name="paths">Assets and composites.</param>
    public static IReadOnlyList<MaintenanceWindow> WithMembers(IReadOnlyList<MaintenanceWindow> windows, IReadOnlyCollection<string> paths) =>
        [.. windows, .. windows.SelectMany(w => paths.Where(p => AssetPath.IsMember(p, w.Asset)).Select(p => w with { Asset = p }))];
}
