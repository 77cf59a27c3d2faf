using System.Net;
using Microsoft.Data.Sqlite;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests;

/// <summary>The service while its store takes nothing, and after it: it scores on, says so once, and in the end nothing is missing.</summary>
public sealed class StoreTroubleTests : IDisposable
{
    private const int Assets = 20;

    /// <summary>As little as a store may be told to take.</summary>
    private const long Room = 1_000_000;

    private readonly MockCluster _cluster = new();
    private readonly TestFolder _folder = new(), _other = new();
    private RunningService _service = null!;
    private readonly KeptLines _lines = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_full_is_said_once_and_written_again_when_there_is_room()
    {
        var random = new Random(5);
        using var beside = EmbeddedStore.Open(_folder.Path);
        await RunAsync(
            () => beside.History.AppendAsync("filler", [new AssetRows("a", ["m"], [.. Enumerable.Range(1, 200_000).Select(i => i * TimeSpan.TicksPerSecond)],
                [.. Enumerable.Range(0, 200_000).Select(_ => random.NextDouble())])], Token),
            () => beside.History.DeleteAssetAsync("filler", "a", Token), "full");
    }

    [Fact]
    public async Task A_store_that_is_locked_is_said_once_and_written_again_when_it_is_not()
    {
        using var holder = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, EmbeddedStore.FileName)};Pooling=False");
        void Do(string sql)
        {
            using var command = holder.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        await RunAsync(
            () =>
            {
                holder.Open();
                Do("BEGIN IMMEDIATE");
                return Task.CompletedTask;
            },
            () =>
            {
                Do("ROLLBACK");
                return Task.CompletedTask;
            }, "");
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _folder.Dispose();
        _other.Dispose();
    }

    private async Task RunAsync(Func<Task> begin, Func<Task> end, string reason)
    {
        using var store = EmbeddedStore.Open(_folder.Path, new EmbeddedStoreOptions { MaximumBytes = Room, LockWait = TimeSpan.FromSeconds(1) });
        await using (_service = await RunningAsync("disturbed", store))
        {
            Produce(0, 20);
            await UntilAsync("/metrics", "servimon_predict_consumer_lag_messages{topic=\"metrics\",partition=\"0\"} 0\n");
            await UntilAsync("/health", "\"serving\"");

            await begin();
            Produce(20, 120);
            var bad = await UntilAsync("/health", "state cannot be saved");
            Assert.Contains("\"not_serving\"", bad);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _service.Http.GetAsync("/health", Token)).StatusCode);
            // It reads and scores on: all but the six steps that wait for later samples.
            await UntilAsync("/metrics", $"servimon_predict_samples_accepted_total {Assets * 120 * 3}\n");
            await UntilAsync("/metrics", $"servimon_predict_steps_scored_total {Assets * 114}\n");
            await UntilRefusedAsync(2);

            await end();
            await UntilAsync("/health", "\"serving\"");
            Assert.Single(_lines, l => l.Contains("state cannot be saved", StringComparison.Ordinal) && l.Contains(reason, StringComparison.Ordinal));
            Assert.Single(_lines, l => l == "state is saved again");
        }
        using var undisturbed = EmbeddedStore.Open(_other.Path);
        await using (_service = await RunningAsync("undisturbed", undisturbed))
        {
            await UntilAsync("/metrics", $"servimon_predict_samples_accepted_total {Assets * 120 * 3}\n");
        }
        Assert.Equal(await LiveHarness.DigestAsync(undisturbed.Log, "undisturbed"), await LiveHarness.DigestAsync(store.Log, "disturbed"));
        Assert.Equal(await RowsAsync(undisturbed), await RowsAsync(store));
    }

    private Task<RunningService> RunningAsync(string group, IStore store) => RunningService.StartAsync(
        new ServiceOptions
        {
            Profiles = ["broker"],
            Http = new ListenOptions("127.0.0.1", 0),
            Grpc = new ListenOptions("127.0.0.1", 0),
            Kafka = new KafkaOptions
            {
                Servers = _cluster.Servers, Group = group, Topics = [new TopicOptions("metrics", "prometheus-json")], RetireAfter = TimeSpan.FromDays(3650), SaveEvery = TimeSpan.FromMilliseconds(200),
            },
        },
        store, loggers: _lines);

    private void Produce(int from, int to)
    {
        var random = new Random(from);
        for (var step = from; step < to; step++)
            for (var asset = 0; asset < Assets; asset++)
                foreach (var metric in new[] { "cpu", "requests_total", "queue" })
                    _cluster.Produce("metrics", 0, LiveFleets.Json($"a{asset}", metric, 2 * step, metric == "requests_total" ? 100 * step : random.NextDouble()));
        _cluster.Flush();
    }

    private static async Task<List<string>> RowsAsync(EmbeddedStore store)
    {
        var rows = new List<string>();
        foreach (var asset in await store.History.ListAssetsAsync("broker", Token))
            await foreach (var piece in store.History.ReadAsync(new HistoryQuery { Profile = "broker", Assets = [asset.Asset], Metrics = [.. LiveFleets.Profile.Metrics.Select(m => m.Name)] }, Token))
                for (var row = 0; row < piece.Count; row++)
                    rows.Add($"{asset.Asset} {piece.Ticks[row]} {string.Join(' ', piece.Row(row).ToArray().Select(BitConverter.DoubleToInt64Bits))}");
        return rows;
    }

    private async Task<string> UntilAsync(string path, string part)
    {
        var text = "";
        for (var i = 0; i < 1200; i++)
        {
            text = await (await _service.Http.GetAsync(path, Token)).Content.ReadAsStringAsync(Token);
            if (text.Contains(part, StringComparison.Ordinal)) return text;
            await Task.Delay(50, Token);
        }
        Assert.Fail($"after 60 s not yet '{part}' but: {text}");
        return text;
    }

    private async Task UntilRefusedAsync(int least)
    {
        const string Name = "servimon_predict_state_saves_total{outcome=\"refused\"} ";
        for (var i = 0; i < 1200; i++)
        {
            var text = await _service.Http.GetStringAsync("/metrics", Token);
            if (text.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) is { } line
                && int.Parse(line[Name.Length..], System.Globalization.CultureInfo.InvariantCulture) >= least) return;
            await Task.Delay(50, Token);
        }
        Assert.Fail($"after 60 s not yet {least} refused saves");
    }
}
