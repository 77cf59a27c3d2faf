using System.CommandLine;
using System.Globalization;
using Grpc.Net.Client;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon simulate --kafka</c>: a fleet that lives on, its telemetry on Kafka, its incidents in files or told to a service.</summary>
internal static class SimulateKafka
{
    public static readonly Option<bool> Kafka = OptionKinds.Flag("--kafka", "Produce to Kafka, on and on; where is said by the options below, else by --config as for serve");

    private const double DefaultSpeed = 60;
    private const string DefaultTopic = $"telemetry.{FeedFormat.ProfilePlace}";

    private static readonly Option<string?> Bootstrap = OptionKinds.OptionalPath("--bootstrap", "HOST:PORT", "With --kafka: brokers, joined by commas");
    private static readonly Option<string?> Topic = OptionKinds.OptionalPath("--topic", "T", $"With --kafka: topic; {FeedFormat.ProfilePlace} in it stands for the kind of asset [default: {DefaultTopic}]");
    private static readonly Option<string?> Format = OptionKinds.OneOf("--format", $"With --kafka: shape of the messages [default: {FeedFormat.PrometheusJson}]", FeedFormat.Names);
    private static readonly Option<double?> Speed = OptionKinds.PositiveNumber("--speed", "S", "With --kafka and --days: the past goes this many times faster, until the present is reached [default: 60]");
    private static readonly Option<TimeSpan?> For = OptionKinds.Span("--for", "With --kafka: end this long after the start [default: on and on]");
    private static readonly Option<string?> Url = OptionKinds.OptionalPath("--url", "U", "With --kafka: a service's gRPC address, to which incidents are reported as they begin and end");

    /// <summary>The options that mean something with <c>--kafka</c> only.</summary>
    public static IReadOnlyList<Option> Options { get; } = [Bootstrap, Topic, Format, Speed, For, Url];

    /// <param name="days">How far before the present the first sample lies; null for not at all.</param>
    public static async Task RunAsync(VerbRun run, SimulationOptions options, double? days, string? output)
    {
        var wall = TimeProvider.System;
        var minute = options.Step.Ticks;
        var start = new DateTimeOffset((wall.GetUtcNow() - TimeSpan.FromDays(days ?? 0)).UtcTicks / minute * minute, TimeSpan.Zero);
        var simulator = new FleetSimulator(options with { Start = start });
        var profiles = simulator.Kinds.Select(k => k.Profile).ToList();
        var (servers, targets, settings) = Places(run, profiles);
        var files = output is null ? null : new EventFiles(output, profiles);
        var url = run.Value(Url);
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")))
            throw new InputException("--url", $"'{url}' is no address; expected one such as http://127.0.0.1:5081");
        using var channel = url is null ? null : GrpcChannel.ForAddress(url);
        var reporter = channel is null ? null : new IncidentReporter(new V1.IncidentService.IncidentServiceClient(channel), wall, line => Console.Error.WriteLine($"servimon: {line}"));
        using var connection = KafkaConnection.Open(servers, settings, line => Console.Error.WriteLine($"servimon: {line}"));
        var producer = new SampleProducer(connection, targets);
        run.Note(string.Create(CultureInfo.InvariantCulture, $"producing {simulator.Kinds.Sum(k => k.Assets.Count)} assets ({string.Join(", ", profiles)}) to {string.Join(", ", targets.Values.Select(t => t.Topic).Distinct())} at {servers}, from {start.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} on"));

        using var timer = run.Value(For) is { } span ? new CancellationTokenSource(span, wall) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, run.Stop);
        var counts = new Counts();
        try
        {
            await FeedAsync(simulator, new CatchUp(start, run.Value(Speed) ?? DefaultSpeed, wall), producer, files, reporter, counts, either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !run.Stop.IsCancellationRequested)
        {
            // As long as asked.
        }
        finally
        {
            var left = producer.Flush(TimeSpan.FromSeconds(10));
            Tell(run, producer, counts, left);
        }
        if (producer.LostCount > 0) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{producer.LostCount} messages were not taken: {producer.FirstLoss}"));
        if (producer.LeftCount > 0) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{producer.LeftCount} messages were not taken by {servers} in time"));
    }

    private sealed class Counts
    {
        public int Steps { get; set; }

        public int Incidents { get; set; }

        public DateTimeOffset? Last { get; set; }
    }

    private static async Task FeedAsync(
        FleetSimulator simulator, CatchUp pace, SampleProducer producer, EventFiles? files, IncidentReporter? reporter, Counts counts, CancellationToken stop)
    {
        foreach (var step in FleetFeed.Of(simulator))
        {
            if (pace.WaitFor(step.Time) is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, TimeProvider.System, stop);
            stop.ThrowIfCancellationRequested();
            producer.Send(step, stop);
            files?.Take(step);
            counts.Steps++;
            counts.Incidents += step.Incidents.Count;
            counts.Last = step.Time;
            if (reporter is null) continue;
            foreach (var begun in step.Incidents) reporter.Add(begun);
            await reporter.TellAsync(step.Time, stop);
        }
    }

    private static void Tell(VerbRun run, SampleProducer producer, Counts counts, int left)
    {
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Messages = producer.MessageCount, Lost = producer.LostCount + left, counts.Steps, counts.Incidents, Until = counts.Last }));
        else run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{producer.MessageCount} messages in {counts.Steps} steps with {counts.Incidents} incidents{(counts.Last is { } last ? $", the last at {last.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "")}"));
    }

    /// <summary>Brokers and, for each profile, topic and format: from the options, else from the configuration of the service that is to read.</summary>
    private static (string Servers, Dictionary<string, FeedTarget> Targets, IReadOnlyDictionary<string, string> Settings) Places(VerbRun run, List<string> profiles)
    {
        var config = run.Parsed.GetValue(GlobalOptions.Config);
        var kafka = config is null ? null : ServiceOptionsReader.Read(config, Environment.GetEnvironmentVariables()).Kafka;
        var servers = run.Value(Bootstrap) ?? kafka?.Servers ?? throw new InputException("--bootstrap", "is missing; give brokers as host:port, joined by commas, or --config with kafka.servers");
        var isFromOptions = run.Value(Topic) is not null || run.Value(Format) is not null || kafka is null;
        var targets = new Dictionary<string, FeedTarget>();
        var where = isFromOptions ? "--topic" : $"{config}: kafka.topics";
        foreach (var profile in profiles)
        {
            if (isFromOptions)
            {
                targets[profile] = new FeedTarget((run.Value(Topic) ?? DefaultTopic).Replace(FeedFormat.ProfilePlace, profile, StringComparison.Ordinal), run.Value(Format) ?? FeedFormat.PrometheusJson);
                continue;
            }
            var topic = kafka!.Topics.FirstOrDefault(t => t.Profile == profile) ?? kafka.Topics.FirstOrDefault(t => t.Profile is null)
                ?? throw new InputException(where, $"there is no topic for profile '{profile}'");
            if (!FeedFormat.Names.Contains(topic.Format)) throw new InputException(where, $"topic '{topic.Topic}' is {topic.Format}; allowed: {string.Join(", ", FeedFormat.Names)}");
            targets[profile] = new FeedTarget(topic.Topic, topic.Format);
        }
        foreach (var shared in targets.Values.GroupBy(t => t).Where(g => g.Count() > 1 && g.Key.Format == FeedFormat.PrometheusJson))
            throw new InputException(where, $"'{shared.Key.Topic}' is for several kinds of assets, and {shared.Key.Format} does not say of which kind one is: write {FeedFormat.ProfilePlace} into the topic's name, or take --format {FeedFormat.Servimon}");
        return (servers, targets, kafka?.Settings ?? (IReadOnlyDictionary<string, string>)new Dictionary<string, string>());
    }
}
