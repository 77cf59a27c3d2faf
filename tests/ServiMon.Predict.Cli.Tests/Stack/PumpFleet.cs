using System.Globalization;
using System.Text;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>Pumps with a second's step that run hot for a minute before they stop; a model that has learned it; messages of their samples.</summary>
internal static class PumpFleet
{
    public const string ProfileText = """
        profile: pump
        step: 1s
        horizons: [5s, 15s]
        lateness: 2s
        warm_up: 3s
        stale_after: 1h
        metrics:
          temperature: {kind: gauge, group: pressure, limit: 100}
          flow: {kind: gauge, group: throughput}
          running: {kind: gauge, group: structural_state}
        failure_rules:
          - {kind: stopped, metric: running, when: "< 1", for: 2s}
        """;

    /// <summary>Seconds from the beginning of a ramp to the stop, and that a pump is stopped.</summary>
    private const int RampSeconds = 60, StoppedSeconds = 20;

    private static readonly string[] Metrics = ["temperature", "flow", "running"];

    private static readonly Profile Profile = ProfileReader.Parse(ProfileText, "pump.yaml");

    /// <summary>Trains on a quarter of an hour of nine pumps, six of which fail, and makes the model champion.</summary>
    /// <param name="until">Where the history ends.</param>
    public static async Task<string> TrainAsync(EmbeddedStore store, string folder, DateTimeOffset until, CancellationToken ct)
    {
        const int seconds = 900;
        var assets = new List<AssetRows>();
        var incidents = new List<Incident>();
        for (var pump = 0; pump < 9; pump++)
        {
            var random = new Random(pump);
            var stop = pump % 3 == 0 ? seconds * 2 : 200 + 70 * pump;
            var (ticks, values) = (new long[seconds], new double[seconds * Metrics.Length]);
            for (var s = 0; s < seconds; s++)
            {
                ticks[s] = until.AddSeconds(s - seconds).UtcTicks;
                var heat = s < stop - RampSeconds || s >= stop + StoppedSeconds ? 0 : Math.Min(RampSeconds, s - stop + RampSeconds);
                Values(heat, isRunning: s < stop || s >= stop + StoppedSeconds, random.NextDouble()).CopyTo(values, s * Metrics.Length);
            }
            assets.Add(new AssetRows($"pump-{pump}", Metrics, ticks, values));
            if (stop < seconds) incidents.Add(new Incident($"pump-{pump}", new DateTimeOffset(ticks[stop], TimeSpan.Zero), new DateTimeOffset(ticks[stop + StoppedSeconds], TimeSpan.Zero), "stopped"));
        }
        var request = new TrainingRequest { Profile = Profile, Fleet = new FleetRecord(new FleetHistory(Metrics, assets), incidents, []) };
        var file = Path.Combine(folder, "pump.zip");
        Trainer.Train(request, null, ct).ToBundle(request, "test").Save(file);
        var id = (await store.Models.AddAsync("pump", await File.ReadAllBytesAsync(file, ct), "{}", ct)).Id;
        await store.Models.PromoteAsync(id, "test", ct);
        return id;
    }

    /// <summary>The messages of one pump and second.</summary>
    /// <param name="heat">Seconds into the ramp, 0 to 60.</param>
    public static IEnumerable<byte[]> Messages(string asset, DateTimeOffset time, double heat, bool isRunning)
    {
        var values = Values(heat, isRunning, new Random((int)(time.ToUnixTimeSeconds() % 1_000_000)).NextDouble());
        for (var m = 0; m < Metrics.Length; m++) yield return Message(asset, Metrics[m], time, values[m].ToString("R", CultureInfo.InvariantCulture));
    }

    public static byte[] Message(string asset, string metric, DateTimeOffset time, string value)
    {
        var at = time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var labels = $$"""{"__name__":"{{metric}}","asset":"{{asset}}"}""";
        return Encoding.UTF8.GetBytes($$"""{"timestamp":"{{at}}","value":"{{value}}","name":"{{metric}}","labels":{{labels}}}""");
    }

    private static double[] Values(double heat, bool isRunning, double noise) => [40 + 2 * noise + 0.9 * heat, 7 - noise, isRunning ? 1 : 0];
}
