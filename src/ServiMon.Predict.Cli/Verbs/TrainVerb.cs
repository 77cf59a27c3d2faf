using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Hazards;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon train</c>: history in the store to a model bundle in the registry, as candidate.</summary>
internal static class TrainVerb
{
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<DateTimeOffset?> Until = OptionKinds.Time("--until", "Use nothing from this time on");
    private static readonly Option<string[]> Pool = PoolOption.Create();
    private static readonly Option<double?> ReadValues = OptionKinds.PositiveNumber(
        "--read-values", "MILLIONS", "Values up to which history is read whole; of more, windows before incidents and a sample of the rest [default: 1000]");

    private static readonly Option<bool> Anew = OptionKinds.Flag("--anew", "Do not go on where a run that was stopped had come to");

    public static Command Create()
    {
        var command = new Command("train", "Train a model from the store's history; it becomes a candidate in the registry") { Profile, Until, Pool, ReadValues, Anew };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Required(Profile));
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var reading = run.Value(ReadValues) is { } millions ? new ReadingOptions { MostValues = (long)(millions * 1e6) } : new ReadingOptions();
        using var checkpoint = ReadingCheckpoint.Open(run.Settings.Checkpoints, profile.Name, Asked(run.Settings.Seed, run.Value(Until), reading), run.Value(Anew));
        var (bundle, notes) = await run.WithProgress(bars => TrainAsync(run, store, profile, reading, checkpoint, bars));
        var champion = await store.Models.ChampionAsync(profile.Name, run.Stop) is { } record ? await store.Models.LoadBundleAsync(record.Id, run.Stop) : null;
        var added = await store.Models.AddBundleAsync(bundle, run.Stop);
        checkpoint.Complete();
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { added.Id, State = "candidate", Basis = bundle.Manifest.Basis.Text(), bundle.Manifest.CrossValidation, Champion = champion?.Manifest.CrossValidation, Notes = notes }));
            return;
        }
        foreach (var note in notes) run.Out.WriteLine(note);
        Print(run, added, bundle, champion);
    }

    private static async Task<(ModelBundle Bundle, IReadOnlyList<string> Notes)> TrainAsync(
        VerbRun run, IStore store, Profile profile, ReadingOptions reading, ReadingCheckpoint checkpoint, ProgressBars bars)
    {
        var pool = PoolOption.Read(run.Value(Pool), skipBadRows: false, bars, run.Stop);
        var fleet = await OpenFleetAsync(run, store, profile, checkpoint);
        var request = new TrainingRequest
        {
            Profile = fleet.Complete(profile), Fleet = fleet, Until = run.Value(Until), Pool = pool.Fleets, Seed = run.Settings.Seed, Reading = reading,
            Checkpoint = checkpoint,
        };
        var fitted = Trainer.Train(request, bars.For<TrainingProgress>(p => (p.Stage, p.Share)), run.Stop);
        IReadOnlyList<string> read = [.. pool.Notes,
            .. checkpoint.FinishedCount == 0 ? Array.Empty<string>()
                : [$"{checkpoint.Summary}, with the history until {fleet.Assets.Max(a => a.Last):u} (--anew reads all of it anew)"],
            .. fitted.Reading is { IsWhole: false } part ? [part.Summary] : Array.Empty<string>()];
        IReadOnlyList<string> notes = fleet.Incidents.Count > 0
            ? read
            : [.. read, $"no incident of '{profile.Name}' in the store: the base rate of the profile, moved by how unusual the evidence is, answers until there are some"];
        return (fitted.ToBundle(request, ProgramVersion.Text), notes);
    }

    /// <summary>What a run that goes on must have been asked, too.</summary>
    internal static string Asked(ulong seed, DateTimeOffset? until, ReadingOptions reading) =>
        string.Create(CultureInfo.InvariantCulture, $"train, seed {seed}, until {until:O}, values {reading.MostValues}");

    private static async Task<FleetInStore> OpenFleetAsync(VerbRun run, IStore store, Profile profile, ReadingCheckpoint checkpoint)
    {
        FleetInStore? fleet = null;
        try
        {
            fleet = await FleetInStore.OpenAsync(store.History, store.Incidents, profile, run.Stop, checkpoint);
        }
        catch (InputException)
        {
            // Told below, in the words of the command line.
        }
        if (fleet is null || (run.Value(Until) is { } until && fleet.Assets.All(a => a.First >= until)))
            throw new InputException("--profile", $"the store {store.Place} has no history of '{profile.Name}'{(fleet is not null ? " before --until" : "")}; import some: servimon import csv FILE --profile {profile.Name}");
        return fleet;
    }

    private static void Print(VerbRun run, ModelRecord added, ModelBundle bundle, ModelBundle? champion)
    {
        var manifest = bundle.Manifest;
        run.Out.WriteLine($"{added.Id}: candidate, basis {manifest.Basis.Text()}, {manifest.CrossValidation.Chosen}");
        foreach (var note in manifest.CrossValidation.Notes) run.Out.WriteLine($"  {note}");
        if (manifest.Composites is { CrossValidation: var of } composites)
            run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"composites: basis {composites.Basis.Text()}, {of.Chosen}, {of.OwnIncidentCount} incidents{(of.PooledIncidentCount > 0 ? $" and {of.PooledIncidentCount} of their members" : "")}"));
        var scores = manifest.CrossValidation.Horizons;
        if (scores.IsEmpty)
        {
            run.Out.WriteLine("too few incidents to cross-validate");
            return;
        }
        TextTable.Write(run, ["horizon", "Brier skill", "champion's", "AUC", "champion's", "calibration error", "base rate", "incidents"], manifest.Horizons.Select(h =>
        {
            var own = scores.FirstOrDefault(s => s.Seconds == h.Seconds);
            var other = champion?.Manifest.CrossValidation.Horizons.FirstOrDefault(s => s.Seconds == h.Seconds);
            return new[]
            {
                h.Text, Number(own?.BrierSkill, "+0.000;-0.000"), Number(other?.BrierSkill, "+0.000;-0.000"), Number(own?.AreaUnderCurve), Number(other?.AreaUnderCurve),
                Number(own?.CalibrationError), Number(own?.BaseRate), own?.IncidentCount.ToString(CultureInfo.InvariantCulture) ?? "-",
            };
        }));
        run.Out.WriteLine(champion is null ? "there is no champion yet" : $"champion: {champion.Manifest.CrossValidation.Chosen}");
    }

    private static string Number(double? value, string format = "0.000") =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "-";
}
