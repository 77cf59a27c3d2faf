using System.CommandLine;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Backtesting;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon backtest</c>: fit on one part of a history, replay the other through the code that scores live.</summary>
internal static class BacktestVerb
{
    /// <summary>More folds than assets mean leave-one-out; this is only a bound on nonsense.</summary>
    private const int MostFolds = 1_000_000;

    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<string> Out = OptionKinds.RequiredPath("--out", "DIR", "Folder for predictions.csv, report.json and report.html");
    private static readonly Option<string?> Samples = OptionKinds.OptionalPath("--samples", "F", "Samples, CSV (also .gz)");
    private static readonly Option<string?> Incidents = OptionKinds.OptionalPath("--incidents", "F", "Incidents, CSV: asset,start,end,kind");
    private static readonly Option<DateTimeOffset?> TrainUntil = OptionKinds.Time("--train-until", "Fit on what came before, replay rows from then on");
    private static readonly Option<int?> Folds = OptionKinds.WholeNumber(
        "--folds", "Groups of assets, each replayed by a model of the others; the number of assets or more: leave one out", 2, MostFolds);
    private static readonly Option<string?> TrainSamples = OptionKinds.OptionalPath("--train-samples", "F", "Samples to fit on");
    private static readonly Option<string?> TrainIncidents = OptionKinds.OptionalPath("--train-incidents", "F", "Incidents to fit on");
    private static readonly Option<string?> TestSamples = OptionKinds.OptionalPath("--test-samples", "F", "Samples to replay");
    private static readonly Option<string?> TestIncidents = OptionKinds.OptionalPath("--test-incidents", "F", "Incidents of the test samples, for the report alone");
    private static readonly Option<string?> Maintenance = OptionKinds.OptionalPath("--maintenance", "F", "Planned down times, CSV: asset,start,end,kind");
    private static readonly Option<string[]> Pool = PoolOption.Create();
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count bad rows and go on");
    private static readonly Option<Engine> EngineName = EngineOption.Create();

    public static Command Create()
    {
        var command = new Command("backtest", "Fit on one part of a history, replay the other, score the predictions")
        {
            Profile, Samples, Incidents, TrainUntil, Folds, TrainSamples, TrainIncidents, TestSamples, TestIncidents, Maintenance, Pool, SkipBadRows, EngineName, Out,
        };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        CheckForm(run);
        using var output = new StagedFolder(run.Required(Out), "--out");
        var profile = ProfileFiles.Read(run.Required(Profile));
        var (replayed, result) = await run.WithProgress(bars => Task.FromResult(Backtested(run, profile, bars)));
        BacktestFiles.Write(output, replayed, profile.Horizons, result, run.Stop);
        output.Commit();
        BacktestPrint.Write(run, replayed.Notes, result.Report, run.Required(Out));
    }

    /// <summary>Exactly one of the two forms, whole.</summary>
    private static void CheckForm(VerbRun run)
    {
        var problems = new InputProblems();
        var separate = new Option<string?>[] { TrainSamples, TrainIncidents, TestSamples };
        var isSeparate = separate.Append(TestIncidents).Any(o => run.Value(o) is not null);
        var isOne = run.Value(Samples) is not null || run.Value(Incidents) is not null;
        if (isSeparate && isOne)
            problems.Add("--samples, --train-samples", "give one file of each or separate files to train and test, not both");
        else if (isSeparate)
        {
            foreach (var missing in separate.Where(o => run.Value(o) is null)) problems.Add(missing.Name, "is missing; separate files need --train-samples, --train-incidents and --test-samples");
            if (run.Value(TrainUntil) is not null || run.Value(Folds) is not null)
                problems.Add("--train-until, --folds", "split one file; separate files to train and test are split already");
        }
        else
        {
            foreach (var missing in new[] { Samples, Incidents }.Where(o => run.Value(o) is null)) problems.Add(missing.Name, "is missing");
            if (run.Value(TrainUntil) is not null == run.Value(Folds) is not null)
                problems.Add("--train-until, --folds", run.Value(Folds) is null ? "give one of the two" : "give one of the two, not both");
        }
        problems.ThrowIfAny();
    }

    private static (FleetRead Replayed, BacktestResult Result) Backtested(VerbRun run, Profile profile, ProgressBars bars)
    {
        var skip = run.Value(SkipBadRows);
        var problems = new InputProblems();
        var isSeparate = run.Value(TestSamples) is not null;
        var fit = problems.Try(() => new FleetFiles(
            (run.Value(TrainSamples) ?? run.Value(Samples))!, run.Value(TrainIncidents) ?? run.Value(Incidents), isSeparate ? null : run.Value(Maintenance), skip)
            .Read(profile, bars, run.Stop));
        var test = isSeparate
            ? problems.Try(() => new FleetFiles(run.Value(TestSamples)!, run.Value(TestIncidents), null, skip).Read(profile, bars, run.Stop))
            : null;
        if (isSeparate && run.Value(Maintenance) is { } maintenance && fit is not null && test is not null)
            if (problems.Try(() => FleetFiles.WithMaintenance(maintenance, profile, skip, fit, test, run.Stop)) is { } both) (fit, test) = both;
        var pool = problems.Try(() => PoolOption.Read(run.Value(Pool), skip, bars, run.Stop));
        problems.ThrowIfAny();

        var (completed, fleet, testFleet) = (ProfileInference.Complete(profile, fit!.Fleet.History.Metrics), fit.Fleet, test?.Fleet);
        if (run.Value(EngineName) == Engine.MlNet) (completed, fleet, testFleet) = Scored(completed, fleet, testFleet, pool!.Fleets.Count > 0, bars, run.Stop);
        var result = Backtest.Run(
            new BacktestRequest
            {
                Profile = completed,
                Fleet = fleet,
                TrainUntil = run.Value(TrainUntil),
                Folds = run.Value(Folds),
                Test = testFleet,
                Pool = pool!.Fleets,
                Seed = run.Settings.Seed,
            },
            bars.For<TrainingProgress>(p => (p.Stage, p.Share)), run.Stop);
        return ((test ?? fit) with { Notes = [.. fit.Notes, .. test?.Notes ?? [], .. pool.Notes] }, result);
    }

    /// <summary>The same fleets as ML.NET's detectors see them.</summary>
    private static (Profile, FleetRecord, FleetRecord?) Scored(Profile profile, FleetRecord fleet, FleetRecord? test, bool isPooled, ProgressBars bars, CancellationToken stop)
    {
        if (isPooled) throw new InputException("--pool", "cannot be used with --engine mlnet: what is pooled is evidence that mlnet does not give");
        bars.Report("scoring by ML.NET", 0);
        var (scored, history) = OptionalParts.MlNetScores(profile, fleet.History, stop);
        var tested = test is null ? null : test with { History = OptionalParts.MlNetScores(profile, test.History, stop).History };
        bars.Report("scoring by ML.NET", 1);
        return (scored, fleet with { History = history }, tested);
    }
}
