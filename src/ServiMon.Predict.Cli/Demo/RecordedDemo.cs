using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>The demo on real input: recorded runs of Kafka and Cassandra servers, two of three learned from, the third replayed.</summary>
internal static class RecordedDemo
{
    /// <summary>Every third run in the order of the names is replayed: fixed beforehand, whatever became of the run.</summary>
    internal const int Replayed = 3;

    /// <summary>Wall time of the replay; the longest run takes about six minutes.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(25);

    private static readonly string[] Systems = ["kafka", "cassandra"];

    private sealed record Recording(Profile Profile, FleetRecord Training, FleetRecord Replay);

    /// <summary>What was done to a run: known to the summary alone.</summary>
    private sealed record Fault(string Kind, bool WasTakenBack);

    public static async Task<DemoScript> WriteAsync(VerbRun run, CancellationToken stop)
    {
        var recordings = await run.WithProgress(bars => Task.FromResult(Systems.Select(s => Read(s, bars, stop)).ToList()));
        var origin = Origin(recordings);
        run.Note(Plan(recordings, origin));
        var fleets = recordings.Select(r => new DemoFleet(r.Profile, r.Training, SideBySide(r.Replay, origin))
        {
            Pool = [.. recordings.Where(other => other != r).Select(other => new PooledFleet(other.Profile, other.Training))],
        }).ToList();
        var faults = Faults();
        var horizons = DemoScript.HorizonsOf(fleets.Select(f => f.Profile));
        return new DemoScript
        {
            Title = $"Recorded Kafka and Cassandra runs, replayed (alarm at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {horizons[^1].Text})",
            Fleets = fleets,
            Origin = origin,
            Length = fleets.Max(f => f.Live.History.Assets.Max(a => new DateTimeOffset(a.Ticks[^1], TimeSpan.Zero))) - origin + TimeSpan.FromSeconds(1),
            Duration = Duration,
            RecordsEnd = true,
            Clock = elapsed => $"{SpanText.Of(elapsed)} into the runs",
            Summary = board => Summary(board, faults),
            Next = "next: servimon demo (a simulated observatory) · servimon backtest --help (your own data)",
        };
    }

    /// <summary>The hour after the last recording: the runs that are replayed come after those that are learned from.</summary>
    private static DateTimeOffset Origin(List<Recording> recordings)
    {
        var last = recordings.SelectMany(r => r.Training.History.Assets.Concat(r.Replay.History.Assets)).Max(a => a.Ticks[^1]);
        return new DateTimeOffset((last / TimeSpan.TicksPerHour + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero);
    }

    /// <summary>Runs that were recorded one after the other, each moved as a whole so that all begin at one time.</summary>
    private static FleetRecord SideBySide(FleetRecord fleet, DateTimeOffset origin)
    {
        var shift = fleet.History.Assets.ToDictionary(a => a.Asset, a => TimeSpan.FromTicks(origin.UtcTicks - a.Ticks[0]));
        return new FleetRecord(
            fleet.History with { Assets = [.. fleet.History.Assets.Select(a => new AssetRows(a.Asset, a.Metrics, [.. a.Ticks.Select(t => t + shift[a.Asset].Ticks)], a.Values))] },
            [.. fleet.Incidents.Select(i => i with { Start = i.Start + shift[i.Asset], End = i.End + shift[i.Asset] })],
            [.. fleet.Maintenance.Select(m => m with { Start = m.Start + shift[m.Asset], End = m.End + shift[m.Asset] })]);
    }

    private static Recording Read(string system, ProgressBars bars, CancellationToken stop)
    {
        var profile = ProfileFiles.Read($"recorded-{system}");
        var fleet = new FleetFiles(Beside(system, "samples.csv.gz"), Beside(system, "incidents.csv"), Beside(system, "maintenance.csv"), SkipBadRows: false).Read(profile, bars, stop).Fleet;
        var replayed = fleet.History.Assets.Select(a => a.Asset).Order(StringComparer.Ordinal).Where((_, i) => i % Replayed == Replayed - 1).ToHashSet();
        return new Recording(ProfileInference.Complete(profile, fleet.History.Metrics), Part(fleet, a => !replayed.Contains(a)), Part(fleet, replayed.Contains));
    }

    private static FleetRecord Part(FleetRecord fleet, Func<string, bool> chosen) => new(
        fleet.History with { Assets = [.. fleet.History.Assets.Where(a => chosen(a.Asset))] },
        [.. fleet.Incidents.Where(i => chosen(i.Asset))], [.. fleet.Maintenance.Where(m => chosen(m.Asset))]);

    private static string Plan(List<Recording> recordings, DateTimeOffset origin)
    {
        string Runs(Func<Recording, FleetRecord> part) => string.Join(" and ", recordings.Zip(Systems, (r, s) =>
            string.Create(CultureInfo.InvariantCulture, $"{part(r).History.Assets.Count} {Capital(s)} runs ({part(r).Incidents.Count} failed)")));
        return $"Training on {Runs(r => r.Training)}; replayed: every third run in name order, {Runs(r => r.Replay)}, side by side from {origin.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)} UTC on.";
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static Dictionary<string, Fault> Faults() =>
        Systems.SelectMany(s => File.ReadLines(Beside(s, "faults.csv")).Skip(1)).Select(l => l.Split(','))
            .ToDictionary(c => c[0], c => new Fault(c[1].Replace('_', ' '), c[2] == "1"));

    private static string Beside(string system, string name) => Path.Combine(AppContext.BaseDirectory, "Recorded", $"{system}-{name}");

    private static IEnumerable<string> Summary(LiveBoard board, Dictionary<string, Fault> faults)
    {
        yield return "What became of the replayed runs:";
        var rows = board.Assets.OrderBy(a => a.Asset, StringComparer.Ordinal).Select(a => Outcome(a, faults[a.Asset]));
        foreach (var line in TextTable.Aligned(["run", "outcome", "alarm", "fault that was injected"], rows)) yield return "  " + line;
        var counts = board.Counts;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{counts.Predicted} of {counts.Incidents} failures predicted, {counts.FalseAlarms} alarms without a failure. An alarm goes off at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {board.Horizons[^1].Text}; a sudden kill has no precursor.");
        yield return "next: servimon demo (a simulated observatory) · servimon backtest --help (your own data)";
    }

    private static string[] Outcome(WatchedAsset asset, Fault fault) =>
    [
        asset.Asset,
        asset.IncidentCount > 0 ? "failed" : asset.IsOver ? "healthy" : "going on",
        asset.IncidentCount == 0 ? asset.Counts.FalseAlarms > 0 ? "false" : "none"
            : asset.LastLead is { } lead ? $"{SpanText.Of(lead)} before the failure" : "none: missed",
        fault.Kind + (fault.WasTakenBack ? ", taken back in time: a near miss" : ""),
    ];
}
