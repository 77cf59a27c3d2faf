using System.Collections.Immutable;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>One topic that is read.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Format">The shape of its messages: one of <see cref="SampleFormats.Names"/>.</param>
/// <param name="Profile">The one profile that its samples belong to, or null: the first that knows metric and labels.</param>
/// <param name="Unit">What numbers of time count; null for the format's own unit.</param>
/// <param name="RekeyTo">The topic that its samples are produced to again, with assets as keys; null when it is scored as it is.</param>
public sealed record TopicOptions(string Topic, string Format, string? Profile = null, TimeUnit? Unit = null, string? RekeyTo = null);

/// <summary>Where samples come from.</summary>
public sealed record KafkaOptions
{
    /// <summary>Brokers, <c>host:port</c> joined by commas. Required.</summary>
    public required string Servers { get; init; }

    /// <summary>Consumer group: instances of one group share the partitions. Default <c>servimon-predict</c>.</summary>
    public string Group { get; init; } = "servimon-predict";

    /// <summary>At least one.</summary>
    public ImmutableArray<TopicOptions> Topics { get; init; } = [];

    /// <summary>Topics whose messages are scored.</summary>
    public IEnumerable<TopicOptions> Scored => Topics.Where(t => t.RekeyTo is null);

    /// <summary>Topics without keys, whose samples are produced again under keys.</summary>
    public IEnumerable<TopicOptions> Rekeyed => Topics.Where(t => t.RekeyTo is not null);

    /// <summary>Where malformed messages go. Default <c>servimon-dead-letter</c>; empty: they are counted only.</summary>
    public string DeadLetterTopic { get; init; } = "servimon-dead-letter";

    /// <summary>Where pushed samples go: one of <see cref="Topics"/> of format <c>servimon</c>. Default empty: the first of them, if there is one.</summary>
    public string PushTopic { get; init; } = "";

    /// <summary>The topic that takes pushed samples; null: they are refused.</summary>
    public TopicOptions? Push => Scored.FirstOrDefault(t => t.Format == SampleFormats.Own && (PushTopic.Length == 0 || t.Topic == PushTopic));

    /// <summary>Where a partition begins that was never read: true at its oldest message (the default), false at what comes next.</summary>
    public bool FromOldest { get; init; } = true;

    /// <summary>How often state and offsets are saved. Default 5 s, range 100 ms to 10 min.</summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a store that refuses is asked again before partitions are given back unsaved. Default 10 s, range 0 s to 5 min.</summary>
    public TimeSpan DrainFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An asset without samples for this long is taken out. Default 1 d, range 1 min to 3650 d.</summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Further settings of librdkafka, such as <c>security.protocol</c>. They do not replace those that the service depends on.</summary>
    public ImmutableDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>The formats by name.</summary>
public static class SampleFormats
{
    /// <summary>Our own batches: the format of pushed samples.</summary>
    public const string Own = "servimon";

    public static readonly ImmutableArray<string> Names = ["prometheus-json", "telegraf-json", "influx", "otlp-proto", "otlp-json", "remote-write", Own];

    /// <summary>A format of its own for one topic: formats keep state and serve one thread.</summary>
    /// <exception cref="ArgumentException">When there is no format of that name.</exception>
    public static ISampleFormat Create(TopicOptions topic) => topic.Format switch
    {
        "prometheus-json" => new PrometheusJson(),
        "telegraf-json" => new TelegrafJson(topic.Unit ?? TimeUnit.Seconds),
        "influx" => new InfluxLines(topic.Unit ?? TimeUnit.Nanoseconds),
        "otlp-proto" => new OtlpMetrics(isJson: false),
        "otlp-json" => new OtlpMetrics(isJson: true),
        "remote-write" => new RemoteWrite(),
        Own => new ServimonBatch(),
        _ => throw new ArgumentException($"there is no format '{topic.Format}'; there are {string.Join(", ", Names)}", nameof(topic)),
    };
}
