using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Learning as the demos do it: the past into the store, from there to a model, which goes into the registry.</summary>
internal static class DemoTraining
{
    /// <summary>The probability of failing within the longest horizon at which the demo raises an alarm: more likely than not.</summary>
    public const double AlarmThreshold = 0.5;

    /// <summary>Puts the past of every fleet into the store, with the maintenance that is planned.</summary>
    public static async Task StorePastAsync(EmbeddedStore store, DemoScript script, ProgressBars bars, CancellationToken stop)
    {
        foreach (var (profile, past, live) in script.Fleets)
        {
            await StoredFleet.AppendAsync(store.History, profile.Name, past.History, bars, stop);
            await store.Incidents.AddIncidentsAsync(profile.Name, past.Incidents, stop);
            await store.Incidents.AddMaintenanceAsync(profile.Name, [.. past.Maintenance, .. live.Maintenance], stop);
        }
    }

    /// <summary>Trains a model for every fleet, one on each core.</summary>
    /// <returns>The ids under which the registry has them, in the order of the fleets.</returns>
    public static async Task<IReadOnlyList<string>> TrainAsync(EmbeddedStore store, DemoScript script, ulong seed, ProgressBars bars, CancellationToken stop)
    {
        var ids = new string[script.Fleets.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, async (i, _) =>
        {
            var fleet = script.Fleets[i];
            var request = new TrainingRequest
            {
                Profile = fleet.Profile, Fleet = await FleetInStore.OpenAsync(store.History, store.Incidents, fleet.Profile, stop), Until = script.Origin, Pool = fleet.Pool, Seed = seed,
            };
            var fitted = Trainer.Train(request, bars.For<TrainingProgress>(p => (p.Stage, p.Share)), stop);
            ids[i] = (await store.Models.AddBundleAsync(fitted.ToBundle(request, ProgramVersion.Text), stop)).Id;
        });
        return ids;
    }
}
