using System.Globalization;
using System.Text.RegularExpressions;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;

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

    /// <summary>Wall time of the replay: about an hour of the observatory's time each second.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(75);

    public static async Task<PreparedDemo> PrepareAsync(VerbRun run, CancellationToken stop)
    {
        var options = new SimulationOptions { Fleet = "observatory", Duration = Past + Future, Step = Step, Seed = run.Settings.Seed };
        var fleets = await run.WithProgress(bars => Task.FromResult(FleetSimulation.Run(options, bars.For<double>(share => ("simulating an observatory", share)), stop)));
        run.Note(Plan(fleets, options.Start + Past));
        return await run.WithProgress(bars => TrainAsync(run, fleets, options.Start + Past, bars, stop));
    }

    private static async Task<PreparedDemo> TrainAsync(
        VerbRun run, IReadOnlyList<SimulatedFleet> fleets, DateTimeOffset now, ProgressBars bars, CancellationToken stop)
    {
        var profiles = fleets.Select(f => ProfileInference.Complete(OnDemoGrid(ProfileFiles.Read(f.Profile)), f.History.History.Metrics)).ToList();
        var folder = run.Value(GlobalOptions.Store);
        var temporary = folder is null ? Directory.CreateTempSubdirectory("servimon-demo-") : null;
        try
        {
            using var store = StoreFolder.OpenOrMake(folder ?? temporary!.FullName);
            var horizons = RiskBoard.HorizonsOf(profiles);
            var assets = new IReadOnlyList<ReplayedAsset>[fleets.Count];
            await DemoTraining.Parallel(fleets.Count, stop, async i =>
            {
                var (fleet, profile) = (fleets[i].History, profiles[i]);
                await ImportAsync(store, profile, fleet, now, bars, stop);
                var request = new TrainingRequest { Profile = profile, Fleet = await StoredFleet.ReadAsync(store, profile, now, bars, stop), Until = now, Seed = run.Settings.Seed };
                var fitted = DemoTraining.Fit(request, bars, stop);
                // Through the registry and back: what scores is what a service would load.
                var stored = await store.Models.AddBundleAsync(fitted.ToBundle(request, ProgramVersion.Text), stop);
                var model = (await store.Models.LoadBundleAsync(stored.Id, stop)).ToScoringModel(stored.Id);
                var timelines = Timeline.ByAsset(fleet);
                assets[i] = [.. fleet.History.Assets.Select(a => new ReplayedAsset(model, a, timelines[a.Asset], now.UtcTicks, DemoTraining.AlarmThreshold, horizons))];
            });
            var caption = new BoardCaption(
                $"Simulated observatory, predicted ahead (alarm at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {horizons[^1].Text})", now.UtcTicks,
                elapsed => (now + elapsed).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
                "next: servimon demo --recorded (real Kafka and Cassandra runs) · servimon backtest --help (your own data)");
            return new PreparedDemo(new RiskBoard([.. assets.SelectMany(a => a)], horizons, caption), Duration, Summary);
        }
        finally
        {
            if (temporary is not null) Remove(temporary);
        }
    }

    /// <summary>The profile on the demo's step; times that it gives in steps follow.</summary>
    private static Profile OnDemoGrid(Profile profile) =>
        ProfileReader.Parse(StepLine().Replace(profile.Source, $"step: {DurationText.Format(Step)}", 1), profile.Name);

    [GeneratedRegex("^step:.*$", RegexOptions.Multiline)]
    private static partial Regex StepLine();

    /// <summary>Puts the past into the store: the rest has not happened yet.</summary>
    private static async Task ImportAsync(EmbeddedStore store, Profile profile, FleetRecord fleet, DateTimeOffset now, ProgressBars bars, CancellationToken stop)
    {
        var past = fleet.History with { Assets = [.. fleet.History.Assets.Select(a => Before(a, now.UtcTicks))] };
        await StoredFleet.AppendAsync(store.History, profile.Name, past, bars, stop);
        await store.Incidents.AddIncidentsAsync(profile.Name, [.. fleet.Incidents.Where(i => i.Start < now)], stop);
        await store.Incidents.AddMaintenanceAsync(profile.Name, [.. fleet.Maintenance.Where(m => m.Start < now)], stop);
    }

    private static AssetRows Before(AssetRows asset, long ticks)
    {
        var at = Array.BinarySearch(asset.Ticks, ticks);
        var count = at >= 0 ? at : ~at;
        return new AssetRows(asset.Asset, asset.Metrics, asset.Ticks[..count], asset.Values[..(count * asset.Metrics.Count)]);
    }

    private static string Plan(IReadOnlyList<SimulatedFleet> fleets, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture,
        $"Trained on {Past.TotalDays:0} days of {fleets.Sum(f => f.History.History.Assets.Count)} simulated assets ({string.Join(", ", fleets.Select(f => f.Profile))}) with {fleets.Sum(f => f.History.Incidents.Count(i => i.Start < now))} failures; predicted: the {Future.TotalDays:0} days after, about an hour each second.");

    private static IEnumerable<string> Summary(RiskBoard board)
    {
        var counts = board.Counts;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{SpanText.Of(board.Elapsed)} of the observatory predicted: {counts.Incidents} failures, {counts.Predicted} predicted, {counts.Missed} missed; {counts.FalseAlarms} false alarms.");
        yield return string.Create(CultureInfo.InvariantCulture,
            $"An alarm goes off at {BoardTable.Percent(DemoTraining.AlarmThreshold)} within {board.Horizons[^1].Text}. Some failures come without any sign (sudden death): those are missed, rightly.");
        foreach (var line in TextTable.Aligned(["kind", "failures", "predicted", "median warning", "false alarms"], board.Assets.GroupBy(a => a.Kind).Select(OfKind))) yield return "  " + line;
    }

    private static string[] OfKind(IGrouping<string, ReplayedAsset> kind)
    {
        var counts = kind.Aggregate(default(AlarmCounts), (sum, a) => sum + a.Counts);
        var leads = kind.SelectMany(a => a.Leads).Order().ToList();
        return
        [
            kind.Key, Whole(counts.Incidents), Whole(counts.Predicted), leads.Count > 0 ? SpanText.Of(leads[leads.Count / 2]) : "-", Whole(counts.FalseAlarms),
        ];
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A scanner may still hold a file; the system clears its temporary folder itself.
        }
    }
}
