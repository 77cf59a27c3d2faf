namespace ServiMon.Predict.Training.Composites;

/// <summary>
/// What must stand on the same side of a split: the assets below one topmost composite, and the composites among them. Where all assets are below the same
/// one, the split goes through it, at the first segment in which names differ; what is cut so belongs to no group.
/// </summary>
internal sealed class CompositeGroups
{
    private readonly int _segments;

    public CompositeGroups(IReadOnlyCollection<string> assets)
    {
        _segments = 1;
        var most = assets.Select(a => a.Count(c => c == '/') + 1).DefaultIfEmpty(1).Max();
        while (_segments < most && assets.Select(a => First(a, _segments)).Distinct(StringComparer.Ordinal).Count() == 1) _segments++;
    }

    /// <param name="segments">Segments of a name that make its group.</param>
    private CompositeGroups(int segments) => _segments = segments;

    /// <summary>
    /// For cross-validation: by the topmost composites that failed. Those above them, which never did, are negative whatever they are tested against, so that a model learns nothing
    /// of a group's failures from them.
    /// </summary>
    /// <param name="failed">Composites with incidents.</param>
    public static CompositeGroups ByFailed(IReadOnlyCollection<string> failed, IReadOnlyCollection<string> assets) =>
        failed.Count == 0 ? new CompositeGroups(assets) : new CompositeGroups(failed.Min(p => p.Count(c => c == '/') + 1));

    /// <summary>The group of an asset or a composite; null for a composite that is cut.</summary>
    /// <param name="isAsset">False for a composite.</param>
    public string? Of(string path, bool isAsset) => !isAsset && path.Count(c => c == '/') + 1 < _segments ? null : First(path, _segments);

    private static string First(string path, int segments)
    {
        var end = -1;
        for (var s = 0; s < segments; s++)
        {
            end = path.IndexOf('/', end + 1);
            if (end < 0) return path;
        }
        return path[..end];
    }
}
