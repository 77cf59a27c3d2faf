using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Simulation;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon simulate</c>: telemetry with known failures: as files with the true probabilities beside it, or on Kafka.</summary>
internal static class SimulateVerb
{
    private const int RowsPerLook = 8192;

    private static readonly Option<string> Fleet = OptionKinds.RequiredPath("--fleet", "F", $"One of {string.Join(", ", FleetCatalogue.Names)}");
    private static readonly Option<double?> Days = OptionKinds.PositiveNumber("--days", "D", "Length in days, fractions are allowed; with --kafka how far before the present to begin");
    private static readonly Option<int?> Assets = OptionKinds.WholeNumber("--assets", "Assets of each kind [default: the fleet's own numbers]", 1, 100_000);
    private static readonly Option<string?> Out = OptionKinds.OptionalPath("--out", "DIR",
        "Folder; each kind gets DIR/<profile>/ with samples.csv, incidents.csv, maintenance.csv and truth.csv; with --kafka incidents and maintenance only");

    public static Command Create()
    {
        var command = new Command("simulate", "Simulate a fleet whose failures and true probabilities are known") { Fleet, Days, Assets, Out, SimulateKafka.Kafka };
        foreach (var option in SimulateKafka.Options) command.Add(option);
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var isLive = run.Value(SimulateKafka.Kafka);
        if (!isLive) CheckFileOptions(run);
        var options = new SimulationOptions { Fleet = run.Required(Fleet), AssetCountOverride = run.Value(Assets), Seed = run.Settings.Seed };
        if (!isLive) options = options with { Duration = TimeSpan.FromDays(run.Value(Days)!.Value) };
        try
        {
            options.Validate();
        }
        catch (InputException e)
        {
            throw new InputException([.. e.Problems.Select(p => p with { Where = p.Where.Replace("simulation: ", "--", StringComparison.Ordinal) })]);
        }
        if (isLive)
        {
            await SimulateKafka.RunAsync(run, options, run.Value(Days), run.Value(Out));
            return;
        }
        using var output = new StagedFolder(run.Value(Out)!, "--out");
        var fleets = await run.WithProgress(bars => Task.FromResult(Written(options, output, bars, run.Stop)));
        output.Commit();
        if (run.Json) run.Out.WriteLine(JsonText.Indented(fleets.Select(Count)));
        else
            foreach (var fleet in fleets.Select(Count))
                run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{Path.Combine(run.Value(Out)!, fleet.Profile)}: {fleet.Assets} assets, {fleet.Rows} rows, {fleet.Incidents} incidents, {fleet.Maintenance} maintenance windows"));
    }

    /// <summary>What files need, and what means nothing for them.</summary>
    private static void CheckFileOptions(VerbRun run)
    {
        var problems = new List<Problem>();
        if (run.Value(Days) is null) problems.Add(new Problem("--days", "is missing; give a length in days, or --kafka for a fleet that lives on"));
        if (run.Value(Out) is null) problems.Add(new Problem("--out", "is missing; give a folder, or --kafka to produce to Kafka"));
        problems.AddRange(SimulateKafka.Options.Where(o => run.Parsed.GetResult(o) is { Implicit: false }).Select(o => new Problem(o.Name, "means something with --kafka only")));
        if (problems.Count > 0) throw new InputException(problems);
    }

    private sealed record FleetCount(string Profile, int Assets, long Rows, int Incidents, int Maintenance);

    private static FleetCount Count(SimulatedFleet fleet) => new(
        fleet.Profile, fleet.History.History.Assets.Count, fleet.History.History.RowCount, fleet.History.Incidents.Count, fleet.History.Maintenance.Count);

    private static IReadOnlyList<SimulatedFleet> Written(SimulationOptions options, StagedFolder output, ProgressBars bars, CancellationToken stop)
    {
        var fleets = FleetSimulation.Run(options, bars.For<double>(share => ("simulating", share)), stop);
        for (var i = 0; i < fleets.Count; i++)
        {
            var fleet = fleets[i];
            SampleFile.WriteWide(output.PathOf(Path.Combine(fleet.Profile, "samples.csv")), fleet.History.History, stop);
            IncidentFile.Write(output.PathOf(Path.Combine(fleet.Profile, "incidents.csv")), fleet.History.Incidents);
            MaintenanceFile.Write(output.PathOf(Path.Combine(fleet.Profile, "maintenance.csv")), fleet.History.Maintenance);
            WriteTruth(output.PathOf(Path.Combine(fleet.Profile, "truth.csv")), fleet, stop);
            bars.Report("writing", (i + 1.0) / fleets.Count);
        }
        return fleets;
    }

    private static void WriteTruth(string path, SimulatedFleet fleet, CancellationToken stop)
    {
        using var file = new TruthFile(path);
        foreach (var asset in fleet.Truth)
            for (var i = 0; i < asset.Ticks.Length; i++)
            {
                if (i % RowsPerLook == 0) stop.ThrowIfCancellationRequested();
                var time = new DateTimeOffset(asset.Ticks[i], TimeSpan.Zero);
                for (var h = 0; h < fleet.Horizons.Count; h++) file.Write(asset.Asset, time, fleet.Horizons[h], asset.Probabilities[i * fleet.Horizons.Count + h]);
            }
        file.Commit();
    }
}
