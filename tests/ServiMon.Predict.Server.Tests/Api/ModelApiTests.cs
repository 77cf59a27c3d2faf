using Grpc.Core;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Server.Api;

public sealed class ModelApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_are_trained_watched_listed_shown_promoted_and_rolled_back()
    {
        await using var host = await ApiHost.StartAsync(h => new Retraining(h.Store.History, h.Store.Incidents, h.Store.Models, RampFleet.Profiles));
        // Without an incident there is nothing to cross-validate: training takes a moment.
        await RampFleet.StoreAsync(host.Store, "pump", 1, (0, 6), Token);
        var ids = new List<string>();
        foreach (var seed in new ulong[] { 1, 2 })
        {
            var run = (await host.Models.StartTrainingAsync(new() { Profile = "pump", Actor = "ada", Seed = seed, KeepCandidate = true })).Run;
            Assert.Equal(("pump", "ada", V1.TrainingState.Running), (run.Profile, run.Actor, run.State));
            using var watch = host.Models.WatchTraining(new() { RunId = run.RunId }, cancellationToken: Token);
            var states = new List<V1.TrainingRun>();
            await foreach (var response in watch.ResponseStream.ReadAllAsync(Token)) states.Add(response.Run);
            Assert.Equal((V1.TrainingState.Succeeded, false), (states[^1].State, states[^1].Promoted));
            Assert.StartsWith("candidate: left a candidate as asked", states[^1].Message);
            ids.Add(states[^1].ModelId);
            Assert.Equal(run.RunId, (await host.Models.ListTrainingRunsAsync(new() { Profile = "pump", PageSize = 1 })).Runs[0].RunId);
        }
        Assert.NotEqual(ids[0], ids[1]);

        var listed = await host.Models.ListModelsAsync(new() { PageSize = 1 });
        Assert.Equal(ids[1], listed.Models.Single().ModelId);
        listed = await host.Models.ListModelsAsync(new() { PageSize = 1, PageToken = listed.NextPageToken });
        Assert.Equal((ids[0], ""), (listed.Models.Single().ModelId, listed.NextPageToken));
        var shown = await host.Models.GetModelAsync(new() { ModelId = ids[0] });
        Assert.StartsWith("# Failure model for pump", shown.Card);
        Assert.Equal([ids[0]], host.AskedInputs);
        foreach (var metric in shown.Metrics)
        {
            Assert.InRange(metric.StepCount, 100, long.MaxValue);
            Assert.Equal([0.01, 0.05, 0.5, 0.95, 0.99], metric.Quantiles.Select(q => q.Level));
            Assert.Equal(metric.Quantiles.Select(q => q.Value).Order(), metric.Quantiles.Select(q => q.Value));
            // What the host tells of live values: of the first metric alone.
            Assert.Equal(metric == shown.Metrics[0] ? (500, true, 0.25) : (0, false, 0), (metric.LiveStepCount, metric.HasLiveDistance, metric.LiveDistance));
        }
        Assert.NotEmpty(shown.Metrics);

        foreach (var id in ids)
            Assert.Equal((id, V1.ModelState.Champion), (await host.Models.PromoteModelAsync(new() { ModelId = id, Actor = "ada" })).Model is { } m ? (m.ModelId, m.State) : default);
        Assert.Equal([ids[1]], (await host.Models.ListModelsAsync(new() { States = { V1.ModelState.Champion } })).Models.Select(m => m.ModelId));
        Assert.Equal(ids[0], (await host.Models.RollbackModelAsync(new() { Profile = "pump" })).Model.ModelId);
        var (code, reason, _) = await ApiHost.FailureOf(async () => await host.Models.RollbackModelAsync(new() { Profile = "pump" }));
        Assert.Equal((StatusCode.FailedPrecondition, "NO_EARLIER_CHAMPION"), (code, reason));
        var audit = await host.Store.Log.ReadAuditAsync(ct: Token).Select(l => $"{l.Action} {l.Subject}").ToListAsync(Token);
        Assert.Equal([$"promote {ids[0]}", $"promote {ids[1]}", $"rollback {ids[0]}"], audit);

        var unknown = await ApiHost.FailureOf(async () => await host.Models.PromoteModelAsync(new() { ModelId = ids[0][..^1] + "?" }));
        Assert.Equal((StatusCode.NotFound, "MODEL_NOT_FOUND"), (unknown.Code, unknown.Reason));
        Assert.Contains($"nearest: {ids[0]}", unknown.Status.Message);
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_loaded_does_not_become_champion()
    {
        await using var host = await ApiHost.StartAsync();
        var record = await host.Store.Models.AddAsync("pump", new byte[] { 1, 2, 3 }, "{}", Token);
        Assert.Equal([record.Id], await ApiHost.FieldsOf(async () => await host.Models.PromoteModelAsync(new() { ModelId = record.Id })));
        Assert.Null(await host.Store.Models.ChampionAsync("pump", Token));
    }

    [Fact]
    public async Task A_profile_under_training_is_refused_with_a_time_to_ask_again()
    {
        var work = new HandWork();
        await using var host = await ApiHost.StartAsync(_ => work);
        var run = (await host.Models.StartTrainingAsync(new() { Profile = "pump" })).Run;
        var begun = await work.NextAsync();
        begun.Progress.Report(new TrainingProgress("pump: reading", 0.25));

        var (code, reason, status) = await ApiHost.FailureOf(async () => await host.Models.StartTrainingAsync(new() { Profile = "pump" }));
        Assert.Equal((StatusCode.Aborted, "TRAINING_UNDER_WAY"), (code, reason));
        Assert.InRange(status.GetDetail<Google.Rpc.RetryInfo>().RetryDelay.Seconds, 1, 120);
        using var watch = host.Models.WatchTraining(new() { RunId = run.RunId }, cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(("pump: reading", 0.25), (watch.ResponseStream.Current.Run.Stage, watch.ResponseStream.Current.Run.StageShare));
        begun.Result.SetException(new InputException("profile", "no history"));
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal((V1.TrainingState.Failed, "profile: no history"), (watch.ResponseStream.Current.Run.State, watch.ResponseStream.Current.Run.Message));

        using var unknown = host.Models.WatchTraining(new() { RunId = run.RunId + "0" }, cancellationToken: Token);
        Assert.Equal("TRAINING_RUN_NOT_FOUND", (await ApiHost.FailureOf(() => unknown.ResponseStream.MoveNext(Token))).Reason);
    }
}
