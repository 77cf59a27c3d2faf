using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

/// <summary>A fleet with its saver over a store, without Kafka: one life of a process.</summary>
internal sealed class SavedFleet
{
    private static readonly SourcePartition Source = new("t", 0);

    private readonly Dictionary<SourcePartition, long> _next = new() { [Source] = 0 };
    private readonly FakeTimeProvider _time;

    public SavedFleet(LiveProfile profile, EmbeddedStore store, FakeTimeProvider time, Func<string, IReadOnlyList<LoggedPrediction>, CancellationToken, Task>? logged = null)
    {
        _time = time;
        Fleet = new LiveFleet([profile], new IngestBounds(), Board, time);
        Saver = new StateSaver(Fleet, new ScoringStates(store.Log, store.History, store.Incidents, "g", logged), _next, new IngestStatus(), time, NullLogger.Instance);
        Saver.Load(new HashSet<SourcePartition> { Source }, CancellationToken.None);
    }

    public LiveFleet Fleet { get; }

    public PredictionBoard Board { get; } = new();

    public StateSaver Saver { get; }

    /// <summary>Samples of the metrics at one second since the start; the clock is there too.</summary>
    public void Offer(double second, params (string Metric, double Value)[] samples) => Offer(second, "a", samples);

    /// <summary>The same of any asset.</summary>
    public void Offer(double second, string asset, (string Metric, double Value)[] samples)
    {
        var at = LiveFleets.Start.AddSeconds(second);
        if (at > _time.GetUtcNow()) _time.SetUtcNow(at);
        foreach (var (metric, value) in samples)
            Fleet.Offer(Fleet.Resolve(new SeriesIdentity(metric, [new("instance", asset)]), null, Source), at.UtcTicks, value, _time.GetUtcNow().UtcTicks);
        _next[Source]++;
    }

    public bool Save() => Saver.SaveNow(() => true, TimeSpan.Zero, CancellationToken.None);

    public AssetPrediction Shown => Board.TryGet(new AssetKey("broker", "a"), out var shown) ? shown : throw new InvalidOperationException("nothing is shown");
}
