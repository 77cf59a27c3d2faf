using System.Collections;
using System.Collections.Immutable;
using System.Net;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Configuration;

/// <summary>Reads what the service is told from a JSON file and the environment, and checks all of it.</summary>
public static class ServiceOptionsReader
{
    /// <summary>First parts of the keys that are the service's.</summary>
    public static readonly ImmutableArray<string> Sections = ["role", "profiles", "kafka", "bounds", "http", "grpc", "api", "metrics", "breaches", "models", "outcomes", "training", "retention"];

    /// <summary>The one key of the service that training by hand reads, too.</summary>
    public const string CheckpointsKey = "training.checkpoints";

    private static readonly string[] Units = ["s", "ms", "us", "ns"];

    /// <param name="file">Null for none.</param>
    /// <exception cref="InputException">With every unknown key and every value out of its range.</exception>
    public static ServiceOptions Read(string? file, IDictionary environment)
    {
        var keys = ConfigurationKeys.Read(file, environment, Sections);
        var defaults = new ServiceOptions();
        var options = new ServiceOptions
        {
            Role = Role(keys),
            Profiles = keys.List("profiles"),
            Bounds = Bounds(keys),
            Http = Listen(keys, "http", defaults.Http),
            Grpc = Listen(keys, "grpc", defaults.Grpc),
            Schedules = Schedules(keys),
            Checkpoints = keys.Text(CheckpointsKey),
            Api = Api(keys),
            ExportedAssets = keys.Number("metrics.assets", defaults.ExportedAssets, 0, 1_000_000),
            Breaches = new BreachOptions(
                keys.Number("breaches.per_second", defaults.Breaches.PerSecond, 0, 10_000), keys.Number("breaches.per_asset", defaults.Breaches.PerAsset, 0, 100)),
            LookEvery = keys.Span("models.look_every", defaults.LookEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            ResolveEvery = keys.Span("outcomes.resolve_every", defaults.ResolveEvery, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            LookBack = keys.Span("outcomes.look_back", defaults.LookBack, TimeSpan.Zero, TimeSpan.FromDays(3650)),
            Retention = Retention(keys),
            Kafka = keys.Has("kafka") ? Kafka(keys) : null,
        };
        if (options.Profiles.IsEmpty) keys.Problems.Add(new Problem("profiles", "names no profile; give at least one, a path or the name of a file in models/"));
        if (options.Grpc.Port != 0 && options.Grpc.Port == options.Http.Port)
            keys.Add("grpc.port", FormattableString.Invariant($"{options.Grpc.Port} is http.port too; gRPC needs a port of its own"));
        keys.Finish();
        return options;
    }

    private static ServiceRole Role(OptionTexts keys)
    {
        var text = keys.Text("role", ServiceRole.All.Text());
        if (!ServiceRoles.TryParse(text, out var role)) keys.Add("role", $"'{text}' is no role; allowed: {string.Join(", ", ServiceRoles.Names)}");
        return role;
    }

    private static KafkaOptions Kafka(OptionTexts keys)
    {
        var defaults = new KafkaOptions { Servers = "" };
        var options = new KafkaOptions
        {
            Servers = keys.Text("kafka.servers", ""),
            Group = keys.Text("kafka.group", defaults.Group),
            Topics = Topics(keys),
            DeadLetterTopic = keys.Text("kafka.dead_letter_topic", defaults.DeadLetterTopic),
            PushTopic = keys.Text("kafka.push_topic", defaults.PushTopic),
            FromOldest = keys.Flag("kafka.from_oldest", defaults.FromOldest),
            SaveEvery = keys.Span("kafka.save_every", defaults.SaveEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            DrainFor = keys.Span("kafka.drain_for", defaults.DrainFor, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
            RetireAfter = keys.Span("kafka.retire_after", defaults.RetireAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)),
            Settings = keys.Map("kafka.settings"),
        };
        if (options.Servers.Length == 0) keys.Add("kafka.servers", "is missing or empty; give brokers as host:port, joined by commas");
        if (options.Group.Length == 0) keys.Add("kafka.group", "is empty; give the consumer group's name");
        if (options.Topics.IsEmpty) keys.Problems.Add(new Problem("kafka.topics", "names no topic; give at least one with topic and format"));
        foreach (var twice in options.Topics.GroupBy(t => t.Topic).Where(g => g.Count() > 1))
            keys.Problems.Add(new Problem("kafka.topics", $"names topic '{twice.Key}' {twice.Count()} times; allowed: once"));
        for (var i = 0; i < options.Topics.Length; i++)
            if (options.Topics[i].RekeyTo is { } to && !options.Scored.Any(t => t.Topic == to && t.Format == SampleFormats.Own))
                keys.Add(FormattableString.Invariant($"kafka.topics.{i}.rekey_to"), $"'{to}' is no topic of format {SampleFormats.Own} in kafka.topics that is scored, so that what gets keys would never be read");
        if (options.Topics.Any(t => t.Topic == options.DeadLetterTopic))
            keys.Add("kafka.dead_letter_topic", $"'{options.DeadLetterTopic}' is a topic that is read: what is put aside would come back");
        if (options.PushTopic.Length > 0 && options.Push is null)
            keys.Add("kafka.push_topic", $"'{options.PushTopic}' is no topic of format {SampleFormats.Own} in kafka.topics, so that what is pushed would never be read");
        return options;
    }

    private static ImmutableArray<TopicOptions> Topics(OptionTexts keys)
    {
        var topics = ImmutableArray.CreateBuilder<TopicOptions>();
        for (var prefix = "kafka.topics.0"; keys.Has(prefix); prefix = FormattableString.Invariant($"kafka.topics.{topics.Count}"))
        {
            var topic = keys.Text($"{prefix}.topic", "");
            if (topic.Length is 0 or > 249) keys.Add($"{prefix}.topic", $"'{topic}' is no name of a topic; allowed: 1 to 249 characters");
            var format = keys.Text($"{prefix}.format", "");
            if (!SampleFormats.Names.Contains(format)) keys.Add($"{prefix}.format", $"'{format}' is no format; allowed: {string.Join(", ", SampleFormats.Names)}");
            TimeUnit? unit = null;
            if (keys.Text($"{prefix}.time_unit") is { } written)
            {
                if (Array.IndexOf(Units, written) is >= 0 and var index && format is "telegraf-json" or "influx") unit = (TimeUnit)index;
                else keys.Add($"{prefix}.time_unit", $"'{written}' cannot be used; allowed: {string.Join(", ", Units)}, with telegraf-json and influx");
            }
            topics.Add(new TopicOptions(topic, format, keys.Text($"{prefix}.profile"), unit, keys.Text($"{prefix}.rekey_to")));
        }
        return topics.ToImmutable();
    }

    /// <summary>What the expressions and profiles are worth is for <see cref="RetrainingSchedule.Check"/>, which knows the profiles.</summary>
    private static ImmutableArray<RetrainingSchedule> Schedules(OptionTexts keys)
    {
        var schedules = ImmutableArray.CreateBuilder<RetrainingSchedule>();
        for (var prefix = "training.schedules.0"; keys.Has(prefix); prefix = FormattableString.Invariant($"training.schedules.{schedules.Count}"))
            schedules.Add(new RetrainingSchedule(prefix, keys.Text($"{prefix}.profile", ""), keys.Text($"{prefix}.cron", ""),
                (ulong)keys.Number($"{prefix}.seed", 1, 1, int.MaxValue), keys.Flag($"{prefix}.keep_candidate", false)));
        return schedules.ToImmutable();
    }

    private static RetentionOptions Retention(OptionTexts keys)
    {
        TimeSpan least = TimeSpan.FromDays(1), most = TimeSpan.FromDays(3650);
        return new RetentionOptions(
            new RetentionLimits(keys.Span("retention.history", least, most), keys.Span("retention.predictions", least, most),
                keys.Text("retention.models") is not null ? keys.Number("retention.models", 0, 0, 10_000) : null),
            keys.Span("retention.every", RetentionOptions.None.Every, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)));
    }

    private static ApiOptions Api(OptionTexts keys)
    {
        var defaults = new ApiOptions();
        return new ApiOptions
        {
            MaxRequestBytes = keys.Number("api.max_request_bytes", defaults.MaxRequestBytes, 64 << 10, 1 << 30),
            ComputeSlots = keys.Number("api.compute_slots", defaults.ComputeSlots, 1, 64),
            ComputeWait = keys.Span("api.compute_wait", defaults.ComputeWait, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            MaxPageSize = keys.Number("api.max_page_size", defaults.MaxPageSize, 1, 10_000),
            UnaryLimit = keys.Span("api.unary_limit", defaults.UnaryLimit, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
        };
    }

    private static IngestBounds Bounds(OptionTexts keys)
    {
        var defaults = new IngestBounds();
        return new IngestBounds
        {
            MessageBytes = keys.Number("bounds.message_bytes", defaults.MessageBytes, 1024, 64 << 20),
            MessageSamples = keys.Number("bounds.message_samples", defaults.MessageSamples, 1, 10_000_000),
            Labels = keys.Number("bounds.labels", defaults.Labels, 1, 1000),
            LabelLength = keys.Number("bounds.label_length", defaults.LabelLength, 16, 8192),
            SeriesPerAsset = keys.Number("bounds.series_per_asset", defaults.SeriesPerAsset, 1, 1_000_000),
            Assets = keys.Number("bounds.assets", defaults.Assets, 1, 10_000_000),
            Ahead = keys.Span("bounds.ahead", defaults.Ahead, TimeSpan.Zero, TimeSpan.FromDays(1)),
        };
    }

    private static ListenOptions Listen(OptionTexts keys, string section, ListenOptions defaults)
    {
        var address = keys.Text($"{section}.address", defaults.Address);
        if (address != "localhost" && !IPAddress.TryParse(address, out _)) keys.Add($"{section}.address", $"'{address}' is no IP address and not localhost");
        return new ListenOptions(address, keys.Number($"{section}.port", defaults.Port, 0, 65535));
    }
}
