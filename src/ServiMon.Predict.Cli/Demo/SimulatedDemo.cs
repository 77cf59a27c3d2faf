using System.Globalization;
using System.Text.RegularExpressions;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>The demo on a simulated observatory: its past is stored and learned from, the days after are predicted as if live.</summary>
internal static partial class SimulatedDemo
{
    /// <summary>Days of history: enough for a good dozen failures of each kind, few enough for the first table within half a minute.</summary>
    private static readonly TimeSpan Past = TimeSpan.FromDays(7);

    /// <summary>Days that are predicted.</summary>
    private static readonly TimeSpan Future = TimeSpan.FromDays(3);

    /// <summary>Spacing of the demo's rows: a tenth of a production grid's, so that training takes seconds.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

    /// <summary>Wall time of the live part: about an hour of the observatory's time each second.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(75);

    /// <summary>Rows before the origin that the service reads before the clock starts: an asset that is not known yet has no baseline.</summary>
    private static readonly TimeSpan Warm = TimeSpan.FromDays(2);

    public static async Task<DemoScript> WriteAsync(VerbRun run, CancellationToken stop)
    {
        var options = new SimulationOptions { Fleet = "observatory", Duration = Past + Future, Step = Step, Seed = run.Settings.Seed };
        var fleets = await run.WithProgress(bars => Task.FromResult(FleetSimulation.Run(options, bars.For<double>(share => ("simulating an observatory", share)), stop)));
        var origin = options.Start + Past;
        run.Note(Plan(fleets, origin));
        var demo = fleets.Select(f => new DemoFleet(
            ProfileInference.Complete(OnDemoGrid(ProfileFiles.Read(f.Profile)), f.History.History.Metrics), PastOf(f.History, origin), f.History)).ToList();
        return new DemoScript
        {
            Title = $"Simulated observatory, predicted ahead (alarm at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {DemoScript.HorizonsOf(demo.Select(f => f.Profile))[^1].Text})",
            Fleets = demo,
            Origin = origin,
            WarmFrom = origin - Warm,
            Length = Future,
            Duration = Duration,
            RecordsEnd = false,
            Clock = elapsed => (origin + elapsed).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            Summary = Summary,
            Next = "next: servimon demo --recorded (real Kafka and Cassandra runs) · servimon backtest --help (your own data)",
        };
    }

    /// <summary>The profile on the demo's step; times that it gives in steps follow, but for the lateness, which is the feed's and not the grid's.</summary>
    private static Profile OnDemoGrid(Profile profile) =>
        ProfileReader.Parse(StepLine().Replace(profile.Source, $"step: {DurationText.Format(Step)}\nlateness: {DurationText.Format(profile.Lateness)}", 1), profile.Name);

    [GeneratedRegex("^step:.*$", RegexOptions.Multiline)]
    private static partial Regex StepLine();

    /// <summary>What was known at a time; the rest has not happened yet.</summary>
    private static FleetRecord PastOf(FleetRecord fleet, DateTimeOffset now) => new(
        fleet.History with { Assets = [.. fleet.History.Assets.Select(a => Before(a, now.UtcTicks))] },
        [.. fleet.Incidents.Where(i => i.Start < now)], [.. fleet.Maintenance.Where(m => m.Start < now)]);

    private static AssetRows Before(AssetRows asset, long ticks)
    {
        var at = Array.BinarySearch(asset.Ticks, ticks);
        var count = at >= 0 ? at : ~at;
        return new AssetRows(asset.Asset, asset.Metrics, asset.Ticks[..count], asset.Values[..(count * asset.Metrics.Count)]);
    }

    private static string Plan(IReadOnlyList<SimulatedFleet> fleets, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"Training on {Past.TotalDays:0} days of {fleets.Sum(f => f.History.History.Assets.Count)} simulated assets ({string.Join(", ", fleets.Select(f => f.Profile))}) with {fleets.Sum(f => f.History.Incidents.Count(i => i.Start < now))} failures; predicted: the {Future.TotalDays:0} days after, about an hour each second.");

    private static IEnumerable<string> Summary(LiveBoard board)
    {
        var counts = board.Counts;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{SpanText.Of(board.Elapsed)} of the observatory predicted: {counts.Incidents} failures, {counts.Predicted} predicted, {counts.Missed} missed; {counts.FalseAlarms} false alarms, {board.OpenAlarmCount} still open.");
        yield return string.Create(CultureInfo.InvariantCulture,
            $"An alarm goes off at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {board.Horizons[^1].Text}. Some failures come without any sign (sudden death): those are missed, rightly.");
        foreach (var line in TextTable.Aligned(["kind", "failures", "predicted", "median warning", "false alarms"], board.Assets.GroupBy(a => a.Kind).Select(OfKind))) yield return "  " + line;
    }

    private static string[] OfKind(IGrouping<string, WatchedAsset> kind)
    {
        var counts = kind.Aggregate(default(AlarmCounts), (sum, a) => sum + a.Counts);
        var leads = kind.SelectMany(a => a.Leads).Order().ToList();
        return
        [
            kind.Key, Whole(counts.Incidents), Whole(counts.Predicted), leads.Count > 0 ? SpanText.Of(leads[leads.Count / 2]) : "-", Whole(counts.FalseAlarms),
        ];
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
