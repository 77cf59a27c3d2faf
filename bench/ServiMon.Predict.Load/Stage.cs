using System.Globalization;

namespace ServiMon.Predict.Load;

/// <summary>All that a run needs: a folder with a store and a champion, a broker, and the service over both.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _config;

    private Stage(string folder, LoadFleet fleet, string format, bool isSteady)
    {
        (_folder, Fleet) = (folder, fleet);
        Feed = new Feed(fleet, format);
        Broker = new MockBroker();
        _config = Path.Combine(folder, "serve.json");
        // The mock keeps a group waiting for a member that has left until its session is over, and answers a fetch that found nothing only at
        // the end of its wait, where a broker answers as soon as something comes.
        var topics = MockBroker.Topics.Select(t => $$"""{"topic": "{{t}}", "format": "{{format}}"{{(format == "telegraf-json" ? ", \"time_unit\": \"ms\"" : "")}}}""");
        File.WriteAllText(_config, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "store": {"path": "{{Path.Combine(folder, "store")}}"}, "profiles": ["{{Path.Combine(folder, "load.yaml")}}"],
              "kafka": {"servers": "{{Broker.Servers}}", "group": "load", "retire_after": "3650d", "from_oldest": {{(isSteady ? "false" : "true")}},
                "settings": {"session.timeout.ms": "{{(isSteady ? 45000 : 6000)}}", "heartbeat.interval.ms": "500", "fetch.wait.max.ms": "10"}, "topics": [{{string.Join(", ", topics)}}]},
              "bounds": {"ahead": "1d"}, "metrics": {"assets": {{ExportedAssets}}}
            }
            """));
    }

    /// <summary>Assets with gauges: few, since /metrics is asked often here to see how far the service has read.</summary>
    public const int ExportedAssets = 10;

    public LoadFleet Fleet { get; }

    public Feed Feed { get; }

    public MockBroker Broker { get; }

    public ServiceProcess Service { get; private set; } = null!;

    /// <param name="isSteady">
    /// True for a load that does not wait for the service. The mock keeps a few seconds of it: one that has fallen behind and asks for the oldest message
    /// finds it gone again and again, so it goes on with the newest, and what it missed is told as lost.
    /// </param>
    public static async Task<Stage> BuildAsync(LoadFleet fleet, string format, bool isSteady, TextWriter notes, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("servimon-load-").FullName;
        await notes.WriteLineAsync($"{fleet.AssetCount} assets of {fleet.MetricCount} metrics, {format}: {await fleet.StoreAsync(folder, ct)}");
        var stage = new Stage(folder, fleet, format, isSteady);
        await stage.StartServiceAsync(ct);
        // Until it knows where the newest message is.
        if (isSteady) await Task.Delay(TimeSpan.FromSeconds(2), ct);
        return stage;
    }

    public async Task StartServiceAsync(CancellationToken ct) => Service = await ServiceProcess.StartAsync(_config, Path.Combine(_folder, "serve.log"), ct);

    /// <summary>Bytes of the store's files.</summary>
    public long StoreBytes() => Directory.GetFiles(Path.Combine(_folder, "store"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);

    public ValueTask DisposeAsync()
    {
        Service.Dispose();
        Broker.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
