using System.Diagnostics;
using System.Globalization;

namespace ServiMon.Predict.Load;

/// <summary>What the service made of as much as it could take.</summary>
/// <param name="PerCpuSecond">Accepted samples per second of the service's CPU.</param>
/// <param name="PerSecond">Accepted samples per second of the clock.</param>
/// <param name="StepMicroseconds">CPU microseconds for each step that closed, its samples included.</param>
/// <param name="Threads">Share of CPU by thread name, the largest first.</param>
internal sealed record FullLoadResult(
    string Format, int Metrics, int Assets, int SamplesPerStep, double PerCpuSecond, double PerSecond, double StepMicroseconds, double BytesPerStep,
    IReadOnlyList<(string Thread, double Share)> Threads, long Lost);

/// <summary>Sends as fast as the service reads, with event times that run ahead of the clock's pace, and divides samples by the service's CPU time.</summary>
internal static class FullLoad
{
    /// <summary>How often the service is asked how far it has read: its answer costs it some CPU, and the broker keeps what comes in half a second.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    public static async Task<FullLoadResult> RunAsync(LoadFleet fleet, string format, int samplesPerStep, TimeSpan span, TextWriter notes, CancellationToken ct)
    {
        await using var stage = await Stage.BuildAsync(fleet, format, isSteady: false, notes, ct);
        var (feed, service) = (stage.Feed, stage.Service);
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        long sent = 0, read = 0;
        var messageBytes = Math.Max(1, feed.AssetBytes / feed.MessagesOfAsset);
        var sender = Task.Factory.StartNew(() =>
        {
            // As a live service sees it: what is predicted is resolved later, a batch at a time.
            var start = TimeProvider.System.GetUtcNow();
            using var wait = new ManualResetEventSlim();
            for (long round = 0; !sending.IsCancellationRequested; round++)
                for (var asset = 0; asset < fleet.AssetCount && !sending.IsCancellationRequested; asset++)
                {
                    feed.Send(stage.Broker.Send, asset, start.AddSeconds((double)round * fleet.StepSeconds / samplesPerStep), round);
                    Volatile.Write(ref sent, sent + feed.MessagesOfAsset);
                    while ((sent - Volatile.Read(ref read)) * messageBytes > MockBroker.Room && !sending.IsCancellationRequested) wait.Wait(1, CancellationToken.None);
                }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var watch = Task.Run(async () =>
        {
            while (!sending.IsCancellationRequested)
            {
                Volatile.Write(ref read, (long)(await service.MetricsAsync(ct))["servimon_predict_messages_total"]);
                await Task.Delay(AskEvery, ct);
            }
        }, ct);

        // The runtime compiles the hot path anew with what it has learned in the first seconds; the store grows out of its first pages.
        await UsedAsync(service, span / 2, ct);
        var before = await ReadAsync(stage, ct);
        await UsedAsync(service, span, ct);
        var after = await ReadAsync(stage, ct);
        await sending.CancelAsync();
        await Task.WhenAll(sender, watch);
        stage.Broker.Flush();
        var lost = sent - await DrainedAsync(service, sent, ct);
        var code = await service.StopAsync(ct);
        if (code != 0) throw new InvalidOperationException($"the service ended with code {code}");

        double Rise(string name) => after.Metrics[name] - before.Metrics[name];
        var cpu = after.Cpu["total"] - before.Cpu["total"];
        var samples = Rise("servimon_predict_samples_accepted_total");
        var steps = Rise("servimon_predict_steps_scored_total");
        var threads = after.Cpu.Where(t => t.Key != "total").Select(t => (t.Key, (t.Value - before.Cpu.GetValueOrDefault(t.Key)) / cpu))
            .Where(t => t.Item2 >= 0.005).OrderByDescending(t => t.Item2).ToList();
        var result = new FullLoadResult(format, fleet.MetricCount, fleet.AssetCount, samplesPerStep, samples / cpu, samples / (after.At - before.At).TotalSeconds,
            1e6 * cpu / steps, (after.StoreBytes - before.StoreBytes) / steps, threads, lost);
        await notes.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"  {result.PerCpuSecond:N0} samples/s of CPU, {result.PerSecond:N0}/s of the clock, {result.StepMicroseconds:0.0} us a step, {result.BytesPerStep:0} B/step, lost {lost}; {string.Join(", ", threads.Select(t => $"{t.Key} {100 * t.Item2:0} %"))}"));
        return result;
    }

    /// <summary>Waits until the service has used so much more CPU time: on a busy machine it takes longer. Ten times as long at most.</summary>
    private static async Task UsedAsync(ServiceProcess service, TimeSpan cpu, CancellationToken ct)
    {
        var (target, began) = (service.Cpu()["total"] + cpu.TotalSeconds, Stopwatch.GetTimestamp());
        while (service.Cpu()["total"] < target && Stopwatch.GetElapsedTime(began) < 10 * cpu) await Task.Delay(50, ct);
    }

    /// <summary>Waits until everything that was sent has been read, or nothing more comes.</summary>
    internal static async Task<long> DrainedAsync(ServiceProcess service, long sent, CancellationToken ct)
    {
        long read = -1;
        for (var idle = 0; idle < 20; idle++)
        {
            var now = (long)(await service.MetricsAsync(ct))["servimon_predict_messages_total"];
            if (now == sent) return now;
            if (now != read) idle = 0;
            read = now;
            await Task.Delay(100, ct);
        }
        return read;
    }

    private static async Task<Reading> ReadAsync(Stage stage, CancellationToken ct) =>
        new(Stopwatch.GetElapsedTime(0), await stage.Service.MetricsAsync(ct), stage.Service.Cpu(), stage.StoreBytes());

    private sealed record Reading(TimeSpan At, Dictionary<string, double> Metrics, Dictionary<string, double> Cpu, long StoreBytes);
}
