using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>One running instance over brokers and a store.</summary>
internal sealed class LiveHarness : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KafkaIngest _ingest;
    private readonly Task _running;

    public LiveHarness(TestCluster cluster, EmbeddedStore store, TopicOptions topic, string group = "g", ILogger? logger = null, params (string Key, string Value)[] settings)
        : this(cluster, store.Log, store, topic, group, logger, settings) { }

    public LiveHarness(
        TestCluster cluster, ILogStore log, EmbeddedStore store, TopicOptions topic, string group, ILogger? logger = null, params (string Key, string Value)[] settings)
    {
        var options = new KafkaOptions
        {
            Servers = cluster.Servers, Topics = [topic with { Topic = cluster.Topic(topic.Topic) }], Group = cluster.Group(group),
            DeadLetterTopic = cluster.Topic("servimon-dead-letter"),
            SaveEvery = TimeSpan.FromMilliseconds(200), RetireAfter = TimeSpan.FromDays(36500), DrainFor = TimeSpan.Zero,
            Settings = new Dictionary<string, string> { ["session.timeout.ms"] = "6000", ["heartbeat.interval.ms"] = "200" }.ToImmutableDictionary()
                .AddRange(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))),
        };
        Fleet = new LiveFleet([LiveFleets.WithModel()], new IngestBounds { MessageBytes = 2000 }, new PredictionBoard(), TimeProvider.System);
        _ingest = new KafkaIngest(options, new IngestBounds { MessageBytes = 2000 }, Fleet, new ScoringStates(log, store.History, store.Incidents, group), new IngestStatus(),
            TimeProvider.System, logger ?? NullLogger.Instance);
        _running = _ingest.RunAsync(_stop.Token);
    }

    public LiveFleet Fleet { get; }

    public IngestStatus Status => _ingest.Status;

    public void Use(LiveProfile profile) => _ingest.Use(profile);

    public async Task Until(Func<bool> condition, string what)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (condition()) return;
            if (_running.IsCompleted) await _running;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail($"after 60 s not yet: {what}; {Status.Messages} messages read, {Fleet.Counts.Accepted} samples accepted");
    }

    /// <summary>Stops as at SIGTERM: everything is saved.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>SHA-256 over all saved asset states, offsets left out.</summary>
    public static async Task<string> DigestAsync(ILogStore log, string group)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0;
        await foreach (var state in log.ReadStatesAsync($"live/{group}", TestContext.Current.CancellationToken))
        {
            if (!state.Key.StartsWith("asset/", StringComparison.Ordinal)) continue;
            hash.AppendData(Encoding.UTF8.GetBytes(state.Key));
            hash.AppendData(state.Body.Span);
            count++;
        }
        return $"{count} {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _running.Wait(CancellationToken.None);
        }
        finally
        {
            _ingest.Dispose();
            _stop.Dispose();
        }
    }
}
