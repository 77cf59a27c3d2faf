using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>Finds profile, asset name and metric of a series by the labels that the profiles name as identity.</summary>
/// <param name="bounds">Bounds of labels.</param>
internal sealed class SeriesResolver(IngestBounds bounds)
{
    /// <summary>A label that names the profile: several profiles may have a metric of one name, such as <c>process_open_fds</c>.</summary>
    private const string ProfileLabel = "servimon_profile";

    /// <summary>Most characters of an asset's name: what the files allow too.</summary>
    private const int LongestAsset = 256;

    /// <param name="profiles">In the order in which they are asked: the first that has both labels and metric takes the series.</param>
    /// <param name="only">The one profile that the topic is bound to, or null.</param>
    /// <returns>None when it was found.</returns>
    public DropReason Resolve(
        SeriesIdentity? series, IReadOnlyList<LiveProfile> profiles, string? only, out LiveProfile? profile, out string asset, out int metric)
    {
        profile = null;
        asset = "";
        metric = -1;
        if (series is null) return DropReason.BadLabels;
        if (series.Labels.Count > bounds.Labels) return DropReason.TooManyLabels;
        foreach (var (name, value) in series.Labels)
            if (name.Length > bounds.LabelLength || value.Length > bounds.LabelLength) return DropReason.LabelTooLong;
        if (series.Metric.Length > bounds.LabelLength) return DropReason.LabelTooLong;
        var named = only ?? series.Profile ?? series.Label(ProfileLabel);
        foreach (var candidate in profiles)
        {
            if (named is { } wanted && candidate.Name != wanted) continue;
            if (candidate.Profile.MetricIndex(series.Metric) is not (>= 0 and var index)) continue;
            if ((series.Asset ?? AssetName(candidate, series)) is not { } name) continue;
            if (!IsAllowed(name)) return DropReason.BadLabels;
            (profile, asset, metric) = (candidate, name, index);
            return DropReason.None;
        }
        return DropReason.UnknownSeries;
    }

    private static string? AssetName(LiveProfile profile, SeriesIdentity series)
    {
        var identity = profile.Profile.Identity;
        if (identity.Length == 1) return series.Label(identity[0]) ?? (identity[0] == "asset" ? series.Label("instance") : null);
        var parts = new string[identity.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (series.Label(identity[i]) is not { } part) return null;
            parts[i] = part;
        }
        return string.Join('/', parts);
    }

    private static bool IsAllowed(string asset) => asset.Length is > 0 and <= LongestAsset && !asset.Any(char.IsControl);
}
