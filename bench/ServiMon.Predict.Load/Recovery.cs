using System.Globalization;

namespace ServiMon.Predict.Load;

/// <summary>How long the service takes from its start to its saved state and to being served.</summary>
/// <param name="Listening">Until it listens: the champion is loaded.</param>
/// <param name="Restoring">Reading the saved state and making the assets of it.</param>
/// <param name="Restored">Until the saved assets are back: after the broker has assigned the partitions, which takes the mock some seconds.</param>
/// <param name="Serving">Until its health says that it serves.</param>
/// <param name="Cpu">CPU seconds until then.</param>
internal sealed record RecoveryResult(int Metrics, int Assets, TimeSpan Listening, TimeSpan Restoring, TimeSpan Restored, TimeSpan Serving, double Cpu);

/// <summary>Fills the service with state, ends it as an operator does, and starts it again.</summary>
internal static class Recovery
{
    private const int Rounds = 10;

    public static async Task<RecoveryResult> RunAsync(LoadFleet fleet, TextWriter notes, CancellationToken ct)
    {
        await using var stage = await Stage.BuildAsync(fleet, "servimon", isSteady: false, notes, ct);
        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        long sent = 0;
        for (var round = 0; round < Rounds; round++)
        {
            for (var asset = 0; asset < fleet.AssetCount; asset++) stage.Feed.Send(stage.Broker.Send, asset, start.AddSeconds(round * fleet.StepSeconds), round);
            sent += fleet.AssetCount * stage.Feed.MessagesOfAsset;
            stage.Broker.Flush();
            if (await FullLoad.DrainedAsync(stage.Service, sent, ct) != sent) throw new InvalidOperationException("messages were lost");
        }
        await stage.Service.StopAsync(ct);
        await stage.StartServiceAsync(ct);
        var serving = stage.Service.Age;
        var service = stage.Service;
        var result = new RecoveryResult(fleet.MetricCount, fleet.AssetCount, service.SaidAfter("metrics at") ?? TimeSpan.Zero, service.Restoring(), service.SaidAfter("restored") ?? TimeSpan.Zero, serving, service.Cpu()["total"]);
        await notes.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"  {fleet.SeriesCount} metrics of state: listening after {result.Listening.TotalSeconds:0.00} s, state read in {result.Restoring.TotalSeconds:0.00} s, restored after {result.Restored.TotalSeconds:0.00} s, serving after {serving.TotalSeconds:0.00} s; {result.Cpu:0.00} s of CPU"));
        await service.StopAsync(ct);
        return result;
    }
}
