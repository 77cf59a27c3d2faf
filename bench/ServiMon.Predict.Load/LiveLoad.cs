using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Load;

/// <summary>What the service was like under a steady load for some time.</summary>
/// <param name="Rate">Samples sent a second.</param>
/// <param name="CpuShare">CPU seconds of the service a second: 1 is a core.</param>
/// <param name="EventToGauge">From the event time of the sample that closes a step to the prediction at a subscriber over gRPC.</param>
/// <param name="Get">Answers of GetPrediction.</param>
/// <param name="Scrape">Answers of /metrics.</param>
/// <param name="ResidentSlope">Least squares over the last two thirds, MiB a minute.</param>
internal sealed record LiveLoadResult(
    string Format, int Metrics, int Assets, double Rate, double CpuShare, Spread EventToGauge, Spread Get, Spread Scrape,
    double ResidentMean, double ResidentSlope, double HeapMean, double HeapSlope, double Minutes, long Lost);

/// <summary>
/// Sends every metric of every asset once a step at the clock's pace. Subscribes to some assets, and asks for others, meanwhile; watches memory.
/// </summary>
internal static class LiveLoad
{
    private const int WatchedAssets = 100;

    private const double MiB = 1 << 20;

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(5);

    public static async Task<LiveLoadResult> RunAsync(LoadFleet fleet, string format, TimeSpan span, TextWriter notes, CancellationToken ct)
    {
        await using var stage = await Stage.BuildAsync(fleet, format, isSteady: true, notes, ct);
        var service = stage.Service;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (gauge, get, scrape) = (new Spread(), new Spread(), new Spread());
        var sending = Task.Factory.StartNew(() => Send(stage, ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var channel = GrpcChannel.ForAddress(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{service.GrpcPort}"));
        var asking = new[] { WatchAsync(fleet, channel, gauge, ending.Token), AskAsync(fleet, channel, get, ending.Token) };

        var warmUp = TimeSpan.FromSeconds(Math.Max(20, 6 * fleet.StepSeconds));
        await Task.Delay(warmUp, ct);
        foreach (var spread in new[] { gauge, get }) spread.Clear();
        var (cpu, began) = (service.Cpu()["total"], Stopwatch.GetTimestamp());
        var first = await service.MetricsAsync(ct);
        var points = new List<(double Minute, double Resident, double Heap)>();
        while (Stopwatch.GetElapsedTime(began) < span)
        {
            await Task.Delay(1000, ct);
            var asked = Stopwatch.GetTimestamp();
            var metrics = await service.MetricsAsync(ct);
            scrape.Add(Stopwatch.GetElapsedTime(asked));
            points.Add((Stopwatch.GetElapsedTime(began).TotalMinutes, service.Resident() / MiB, metrics.GetValueOrDefault("dotnet_total_memory_bytes") / MiB));
        }
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var share = (service.Cpu()["total"] - cpu) / seconds;
        var last = await service.MetricsAsync(ct);
        await ending.CancelAsync();
        var sent = await sending;
        await Task.WhenAll(asking);
        stage.Broker.Flush();
        var lost = sent - await FullLoad.DrainedAsync(service, sent, ct);
        await service.StopAsync(ct);

        var late = points.Where(p => p.Minute > points[^1].Minute / 3).ToList();
        var result = new LiveLoadResult(format, fleet.MetricCount, fleet.AssetCount,
            (last["servimon_predict_samples_accepted_total"] - first["servimon_predict_samples_accepted_total"]) / seconds, share, gauge, get, scrape,
            late.Average(p => p.Resident), Slope(late.Select(p => (p.Minute, p.Resident))), late.Average(p => p.Heap), Slope(late.Select(p => (p.Minute, p.Heap))),
            seconds / 60, lost);
        await notes.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"  {result.Rate:N0} samples/s at {share:0.00} cores for {seconds / 60:0.0} min, lost {lost}; event to gauge {gauge}; GetPrediction {get}; scrape {scrape}; resident {result.ResidentMean:0} MiB {result.ResidentSlope:+0.0;-0.0} a minute, heap {result.HeapMean:0} MiB {result.HeapSlope:+0.0;-0.0} a minute"));
        return result;
    }

    /// <summary>Sends until stopped.</summary>
    /// <returns>Messages sent.</returns>
    private static long Send(Stage stage, CancellationToken stop)
    {
        var (fleet, feed) = (stage.Fleet, stage.Feed);
        var step = TimeSpan.FromSeconds(fleet.StepSeconds);
        var start = Floor(TimeProvider.System.GetUtcNow());
        using var wait = new ManualResetEventSlim();
        long sent = 0;
        for (long round = 0; ; round++)
            for (var asset = 0; asset < fleet.AssetCount; asset++)
            {
                // The assets take turns over the step, each at its own time of it.
                var due = Floor(start + round * step + asset * step / fleet.AssetCount);
                while (TimeProvider.System.GetUtcNow() < due && !stop.IsCancellationRequested) wait.Wait(1, CancellationToken.None);
                if (stop.IsCancellationRequested) return sent;
                feed.Send(stage.Broker.Send, asset, due, round);
                sent += feed.MessagesOfAsset;
            }
    }

    private static DateTimeOffset Floor(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>
    /// The step that a prediction is for is closed by the asset's next sample, one step later. The time that this sample was due is where the
    /// delay is counted from, so that a sender that is late makes it no smaller.
    /// </summary>
    private static async Task WatchAsync(LoadFleet fleet, GrpcChannel channel, Spread delays, CancellationToken stop)
    {
        var request = new WatchPredictionsRequest { Profile = LoadFleet.ProfileName };
        for (var i = 0; i < Math.Min(WatchedAssets, fleet.AssetCount); i++)
            request.Assets.Add(LoadFleet.AssetOf((int)((long)i * fleet.AssetCount / Math.Min(WatchedAssets, fleet.AssetCount))));
        try
        {
            using var call = new PredictionService.PredictionServiceClient(channel).WatchPredictions(request, cancellationToken: stop);
            await foreach (var change in call.ResponseStream.ReadAllAsync(stop))
                if (change.Prediction is { } prediction)
                    delays.Add(TimeProvider.System.GetUtcNow() - prediction.Time.ToDateTimeOffset() - TimeSpan.FromSeconds(fleet.StepSeconds));
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is RpcException or OperationCanceledException)
        {
            // The end.
        }
    }

    private static async Task AskAsync(LoadFleet fleet, GrpcChannel channel, Spread delays, CancellationToken stop)
    {
        var client = new PredictionService.PredictionServiceClient(channel);
        for (var i = 0L; !stop.IsCancellationRequested; i++)
            try
            {
                var began = Stopwatch.GetTimestamp();
                // A prime apart, so that all assets have their turn.
                await client.GetPredictionAsync(new GetPredictionRequest { Profile = LoadFleet.ProfileName, Asset = LoadFleet.AssetOf((int)(i * 7919 % fleet.AssetCount)) }, cancellationToken: stop);
                delays.Add(Stopwatch.GetElapsedTime(began));
                await Task.Delay(AskEvery, stop);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                await Task.Delay(100, CancellationToken.None);
            }
            catch (Exception e) when (stop.IsCancellationRequested && e is RpcException or OperationCanceledException)
            {
                return;
            }
    }

    private static double Slope(IEnumerable<(double X, double Y)> points)
    {
        var list = points.ToList();
        var (x, y) = (list.Average(p => p.X), list.Average(p => p.Y));
        return list.Sum(p => (p.X - x) * (p.Y - y)) / list.Sum(p => (p.X - x) * (p.X - x));
    }
}
