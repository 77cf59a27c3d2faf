using System.Globalization;
using System.Text;
using System.Text.Json;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Import;

/// <summary>The series of a Prometheus that belong to a profile: which metrics there are, of which assets, and what was left out.</summary>
/// <param name="Metrics">Indices in the profile of the metrics that have series.</param>
/// <param name="LeftOut">Series that belong to no asset, by reason.</param>
/// <param name="Notes">What a person should know, one line each.</param>
internal sealed record PrometheusSeries(
    Profile Profile, IReadOnlyList<int> Metrics, IReadOnlyList<string> Assets, IReadOnlyDictionary<DropReason, long> LeftOut, IReadOnlyList<string> Notes)
{
    /// <summary>Labels of a series that a message shows.</summary>
    private const int ShownLabels = 12;

    private static readonly SeriesResolver Resolver = new(new IngestBounds());

    /// <summary>Looks up the series of the profile's metrics; of all metrics, when the profile names none.</summary>
    /// <exception cref="InputException">When there are none, or none of them names an asset.</exception>
    public static async Task<PrometheusSeries> FindAsync(PrometheusClient client, Profile profile, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        KeyValuePair<string, string>[] range = [new("start", Seconds(from)), new("end", Seconds(to))];
        var names = profile.Metrics.IsEmpty
            ? [.. (await client.GetAsync("label/__name__/values", range, ct).ConfigureAwait(false)).EnumerateArray().Select(n => n.GetString()!)]
            : profile.Metrics.Select(m => m.Name).ToList();
        var complete = ProfileInference.Complete(profile, names);
        if (complete.Metrics.IsEmpty) throw new InputException("--profile", "names no metric, and there is none in Prometheus");
        var live = new LiveProfile(new EvidenceModel(complete), null, "");
        var found = new List<int>();
        var assets = new SortedSet<string>(StringComparer.Ordinal);
        var leftOut = new Dictionary<DropReason, long>();
        var example = "";
        for (var m = 0; m < complete.Metrics.Length; m++)
        {
            var series = await client.GetAsync("series", [new("match[]", Selector(complete.Metrics[m].Name)), .. range], ct).ConfigureAwait(false);
            var here = false;
            foreach (var labels in series.EnumerateArray())
            {
                var reason = Resolve(live, complete.Metrics[m].Name, labels, out var asset);
                if (reason == DropReason.None) assets.Add(asset);
                else leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;
                here |= reason == DropReason.None;
                if (reason != DropReason.None && example.Length == 0) example = string.Join(", ", labels.EnumerateObject().Take(ShownLabels).Select(l => l.Name));
            }
            if (here) found.Add(m);
        }
        if (found.Count == 0)
            throw new InputException("--profile", example.Length == 0 ? $"none of its metrics is in Prometheus between {Seconds(from)} and {Seconds(to)}"
                : $"no series has the labels that name an asset, {string.Join(" and ", complete.Identity)} (identity in the profile); there are {example}");
        var notes = complete.Metrics.Where((_, m) => !found.Contains(m)).Select(m => m.Name).ToList() is { Count: > 0 } missing && !profile.Metrics.IsEmpty
            ? new List<string> { $"no series of {string.Join(", ", missing)}" } : [];
        notes.AddRange(leftOut.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Value} series left out: {l.Key.Text()}")));
        notes.AddRange(await KindsAsync(client, complete, found, ct).ConfigureAwait(false));
        return new PrometheusSeries(complete, found, [.. assets], leftOut, notes);
    }

    /// <summary>The asset of a series, by the rules of live samples.</summary>
    public static DropReason Resolve(LiveProfile live, string metric, JsonElement labels, out string asset)
    {
        var identity = new SeriesIdentity(metric, [.. labels.EnumerateObject().Where(l => l.Name != "__name__").Select(l => new KeyValuePair<string, string>(l.Name, l.Value.GetString()!))]);
        return Resolver.Resolve(identity, [live], null, out _, out asset, out _);
    }

    public static string Selector(string metric) => $"{{__name__=\"{metric.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}";

    public static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Metrics that Prometheus knows to be of another kind than the profile: a counter that is read as a gauge is no rate.</summary>
    private static async Task<IEnumerable<string>> KindsAsync(PrometheusClient client, Profile profile, List<int> found, CancellationToken ct)
    {
        var metadata = await client.GetAsync("metadata", [], ct).ConfigureAwait(false);
        var notes = new List<string>();
        foreach (var spec in found.Select(m => profile.Metrics[m]))
        {
            // The parts of histograms and summaries go by the name of the whole.
            var known = metadata.TryGetProperty(spec.Name, out var there) && there.GetArrayLength() > 0 ? there[0].GetProperty("type").GetString() : null;
            var isCounter = spec.Kind == MetricKind.Counter;
            if ((known == "counter" && !isCounter && spec.Kind != MetricKind.Event) || (known == "gauge" && isCounter))
                notes.Add($"{spec.Name} is a {known} in Prometheus and a {(isCounter ? "counter" : "gauge")} in the profile: state its kind there");
        }
        return notes;
    }
}
