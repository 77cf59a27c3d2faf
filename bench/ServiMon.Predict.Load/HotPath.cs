using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Load;

/// <summary>What a sample costs on its way from the bytes of a message to board and store, part by part, in this process and without a broker.</summary>
internal static class HotPath
{
    private const int SavesEvery = 200_000;

    public static async Task RunAsync(LoadFleet fleet, string format, int samplesPerStep, TimeSpan span, TextWriter notes, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("servimon-path-").FullName;
        await notes.WriteLineAsync($"{fleet.AssetCount} assets of {fleet.MetricCount} metrics, {format}, {samplesPerStep} samples a step: {await fleet.StoreAsync(folder, ct)}");
        using var store = EmbeddedStore.Open(Path.Combine(folder, "store"));
        var profile = ProfileReader.Parse(fleet.Yaml(), "load.yaml");
        var champion = await new ChampionWatch(store.Models, store.Incidents, [profile], NullLogger.Instance).LookAsync(ct);
        var topic = new TopicOptions("t", format, null, format == "telegraf-json" ? TimeUnit.Milliseconds : null);
        var feed = new Feed(fleet, format);
        var made = Cost(fleet, feed, samplesPerStep, span / 4, (_, _) => { }, out _);
        var parser = SampleFormats.Create(topic);
        var parsed = new ParsedSamples();
        var read = Cost(fleet, feed, samplesPerStep, span / 4, (_, message) =>
        {
            parsed.Clear();
            if (parser.Parse(message, parsed) != MessageFault.None) throw new InvalidOperationException("the message is malformed");
        }, out _);

        var live = new LiveFleet(champion, new IngestBounds(), new PredictionBoard(), TimeProvider.System);
        var reader = new MessageReader(topic, live, new IngestBounds(), TimeProvider.System);
        var source = new SourcePartition("t", 0);
        long allocated = 0, firstAllocated = 0;
        var scored = Cost(fleet, feed, samplesPerStep, span, (_, message) =>
        {
            reader.Take(source, message);
            if (live.Outbox.Count >= SavesEvery) live.Outbox.Return(live.Outbox.Take());
        }, out var steps, () =>
        {
            (firstAllocated, allocated) = (allocated, GC.GetAllocatedBytesForCurrentThread());
            return live.Counts.Steps;
        });
        var bytesPerStep = (double)(allocated - firstAllocated) / steps;
        live.Outbox.Return(live.Outbox.Take());

        var states = new ScoringStates(store.Log, store.History, store.Incidents, "load");
        var writer = new StateWriter();
        var (stored, storedSteps) = (TimeSpan.Zero, 0L);
        Cost(fleet, feed, samplesPerStep, span, (_, message) =>
        {
            reader.Take(source, message);
            if (live.Outbox.Count < 5 * fleet.AssetCount) return;
            storedSteps += live.Outbox.Count;
            var before = Environment.CpuUsage.TotalTime;
            writer.Clear();
            var snapshot = new Snapshot(new Dictionary<SourcePartition, long> { [source] = 1 }, [.. live.Slots.Select(s => ScoringStates.Capture(s, s.Home, writer))], live.Outbox.Take(), [], []);
            states.SaveAsync(snapshot, CancellationToken.None).GetAwaiter().GetResult();
            live.Outbox.Return(snapshot.Steps);
            stored += Environment.CpuUsage.TotalTime - before;
        }, out _);
        var perStep = (double)fleet.MetricCount * samplesPerStep;
        await notes.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"  ns a sample: parse {read - made:0}, all to board and outbox {scored - made:0} ({1e9 / (scored - made):N0}/s); us a step of {perStep} samples: {(scored - made) * perStep / 1000:0.0} and {bytesPerStep:0} B to the outbox, {stored.TotalMicroseconds / storedSteps:0.0} to store log, history and state, every 5 steps; {steps} steps"));
        store.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>CPU nanoseconds a sample, once the runtime has compiled it well.</summary>
    private static double Cost(LoadFleet fleet, Feed feed, int samplesPerStep, TimeSpan span, Action<int, byte[]> take, out long steps, Func<long>? count = null)
    {
        var start = TimeProvider.System.GetUtcNow().AddDays(-50);
        long round = _rounds, samples = 0;
        var (began, firstSteps) = (TimeSpan.Zero, 0L);
        var clock = Environment.CpuUsage.TotalTime;
        while (Environment.CpuUsage.TotalTime - clock < 1.5 * span)
        {
            if (samples == 0 && Environment.CpuUsage.TotalTime - clock > 0.5 * span)
            {
                began = Environment.CpuUsage.TotalTime;
                firstSteps = count?.Invoke() ?? 0;
            }
            for (var asset = 0; asset < fleet.AssetCount; asset++) feed.Send(take, asset, start.AddSeconds((double)round * fleet.StepSeconds / samplesPerStep), round);
            round++;
            if (began != TimeSpan.Zero) samples += fleet.SeriesCount;
        }
        _rounds = round;
        steps = (count?.Invoke() ?? 0) - firstSteps;
        return (Environment.CpuUsage.TotalTime - began).TotalNanoseconds / samples;
    }

    /// <summary>Rounds go on from one part to the next, as time does.</summary>
    private static long _rounds;
}
