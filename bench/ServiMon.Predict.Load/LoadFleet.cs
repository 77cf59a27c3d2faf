using System.Globalization;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Load;

/// <summary>
/// A made-up fleet of one kind of asset: a third of the metrics counters, one gauge with a limit; in its history some assets run up to the
/// limit and fail, so that its champion is a model that was fitted as any other.
/// </summary>
/// <param name="MetricCount">Metrics of an asset, at least 2.</param>
/// <param name="StepSeconds">The step of the grid.</param>
internal sealed record LoadFleet(int MetricCount, int AssetCount, int StepSeconds)
{
    public const string ProfileName = "load";

    private const int TrainingAssets = 30, TrainingRows = 240, FailingAssets = 24;

    /// <summary>Values run from here, so that all are written with as many digits.</summary>
    public const long Floor = 1_000_000;

    public int SeriesCount => MetricCount * AssetCount;

    public static string MetricOf(int metric) => string.Create(CultureInfo.InvariantCulture, $"load_metric_{metric}");

    public static string AssetOf(int asset) => string.Create(CultureInfo.InvariantCulture, $"host-{asset:00000}.example.org:9100");

    /// <summary>Counters take every third place; metric 1 has a limit.</summary>
    public static bool IsCounter(int metric) => metric % 3 == 0;

    public string Yaml() => string.Create(CultureInfo.InvariantCulture, $$"""
        profile: {{ProfileName}}
        step: {{StepSeconds}}s
        horizons: [{{6 * StepSeconds}}s, {{12 * StepSeconds}}s, {{30 * StepSeconds}}s]
        lateness: 0s
        warm_up: {{3 * StepSeconds}}s
        stale_after: 3650d
        identity: [instance]
        infer_metrics: false
        metrics:
        {{string.Join('\n', Enumerable.Range(0, MetricCount).Select(Entry))}}
        """);

    /// <summary>Folder in which trained stores are kept from one run to the next; null: each run trains its own.</summary>
    public string? Kept { get; init; }

    /// <summary>Makes a store with history, incidents, and the champion that was trained on them.</summary>
    public async Task<string> StoreAsync(string folder, CancellationToken ct)
    {
        if (Kept is null) return await TrainAsync(folder, ct);
        var kept = Path.Combine(Kept, string.Create(CultureInfo.InvariantCulture, $"{MetricCount}-{StepSeconds}"));
        if (!File.Exists(Path.Combine(kept, "champion.txt")))
        {
            Directory.CreateDirectory(kept);
            await File.WriteAllTextAsync(Path.Combine(kept, "champion.txt"), await TrainAsync(kept, ct), ct);
        }
        foreach (var file in Directory.GetFiles(kept, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(kept, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return await File.ReadAllTextAsync(Path.Combine(folder, "champion.txt"), ct);
    }

    private async Task<string> TrainAsync(string folder, CancellationToken ct)
    {
        var yaml = Path.Combine(folder, "load.yaml");
        await File.WriteAllTextAsync(yaml, Yaml(), ct);
        var profile = ProfileReader.Parse(Yaml(), yaml);
        using var store = EmbeddedStore.Open(Path.Combine(folder, "store"));
        var from = TimeProvider.System.GetUtcNow().AddDays(-60);
        var rows = new List<AssetRows>();
        var failures = new List<Incident>();
        for (var a = 0; a < TrainingAssets; a++)
        {
            rows.Add(Rows(profile, a, from.UtcTicks));
            if (a < FailingAssets) failures.Add(new Incident(Trained(a), from.AddSeconds(TrainingRows * StepSeconds), null, "full"));
        }
        await store.History.AppendAsync(ProfileName, rows, ct);
        await store.Incidents.AddIncidentsAsync(ProfileName, failures, ct);
        var training = new Retraining(store.History, store.Incidents, store.Models, new Dictionary<string, Profile> { [ProfileName] = profile });
        var outcome = await training.RunAsync(new TrainingOrder(ProfileName, "load", 1, false), new Progress<TrainingProgress>(), ct);
        if (!outcome.Promoted) throw new InvalidOperationException($"the trained model did not become champion: {outcome.Message}");
        return outcome.Message;
    }

    private AssetRows Rows(Profile profile, int asset, long from)
    {
        var random = new Random(asset);
        var ticks = new long[TrainingRows];
        var values = new double[TrainingRows * MetricCount];
        for (var row = 0; row < TrainingRows; row++)
        {
            ticks[row] = from + row * profile.Step.Ticks;
            var ramp = asset < FailingAssets ? Math.Max(0, row - TrainingRows + 50) * 150_000.0 : 0;
            for (var m = 0; m < MetricCount; m++)
                values[row * MetricCount + m] = Floor + (IsCounter(m) ? row * 500.0 : 0) + random.Next(9_000) + (m == 1 ? ramp : 0);
        }
        return new AssetRows(Trained(asset), [.. profile.Metrics.Select(m => m.Name)], ticks, values);
    }

    private static string Trained(int asset) => string.Create(CultureInfo.InvariantCulture, $"trained-{asset}");

    private static string Entry(int metric)
    {
        string[] groups = ["throughput", "pressure", "latency", "network", "structural_state"];
        return $"  {MetricOf(metric)}: {{kind: {(IsCounter(metric) ? "counter" : "gauge")}, group: {groups[metric % groups.Length]}, role: none{(metric == 1 ? ", limit: 9999999" : "")}}}";
    }
}
