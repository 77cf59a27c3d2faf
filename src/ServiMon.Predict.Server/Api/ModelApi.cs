using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Server.Api;

/// <summary><c>servimon.predict.v1.ModelService</c>.</summary>
internal sealed class ModelApi(ApiParts parts, IHostApplicationLifetime lifetime) : V1.ModelService.ModelServiceBase
{
    private const ulong DefaultSeed = 1;

    public override async Task<V1.ListModelsResponse> ListModels(V1.ListModelsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize, parts);
        string[] filter = [request.Profile, string.Join(',', request.States.Select(s => (int)s))];
        var place = check.Page(request.PageToken, filter);
        if (request.States.Any(s => s == V1.ModelState.Unspecified || !System.Enum.IsDefined(s))) check.Add("states", $"has a value that is no state");
        check.Done();
        var models = await parts.Models.ListAsync(request.Profile.Length > 0 ? check.Profile(parts, request.Profile).Name : null, context.CancellationToken).ConfigureAwait(false);
        var wanted = models.Where(m => request.States.Count == 0 || request.States.Contains(m.State.ToWire())).ToList();
        var (page, next) = Page(wanted, m => m.Id, place, size, filter, check);
        return new V1.ListModelsResponse { Models = { page.Select(Wire.ToWire) }, NextPageToken = next };
    }

    public override async Task<V1.GetModelResponse> GetModel(V1.GetModelRequest request, ServerCallContext context)
    {
        var record = await FindAsync(request.ModelId, new RequestCheck(), context).ConfigureAwait(false);
        var bundle = await parts.Models.LoadBundleAsync(record.Id, context.CancellationToken).ConfigureAwait(false);
        return new V1.GetModelResponse { Model = record.ToWire(), Card = bundle.Card, Metrics = { Distributions(record, bundle) } };
    }

    public override async Task<V1.PromoteModelResponse> PromoteModel(V1.PromoteModelRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var actor = check.Actor(request.Actor, context);
        var record = await FindAsync(request.ModelId, check, context).ConfigureAwait(false);
        // A bundle that cannot be loaded must not become champion.
        await parts.Models.LoadBundleAsync(record.Id, context.CancellationToken).ConfigureAwait(false);
        var champion = await parts.Models.PromoteAsync(record.Id, actor, context.CancellationToken).ConfigureAwait(false);
        await parts.Log.AppendAuditAsync(new AuditLine(parts.Time.GetUtcNow(), actor, "promote", champion.Id, ""), context.CancellationToken).ConfigureAwait(false);
        return new V1.PromoteModelResponse { Model = champion.ToWire() };
    }

    public override async Task<V1.RollbackModelResponse> RollbackModel(V1.RollbackModelRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var actor = check.Actor(request.Actor, context);
        var profile = check.Profile(parts, request.Profile);
        ModelRecord champion;
        try
        {
            champion = await parts.Models.RollbackAsync(profile.Name, actor, context.CancellationToken).ConfigureAwait(false);
        }
        catch (InputException e)
        {
            throw ApiFailure.Failure(Code.FailedPrecondition, "NO_EARLIER_CHAMPION", e.Message, new() { ["profile"] = profile.Name });
        }
        await parts.Log.AppendAuditAsync(new AuditLine(parts.Time.GetUtcNow(), actor, "rollback", champion.Id, ""), context.CancellationToken).ConfigureAwait(false);
        return new V1.RollbackModelResponse { Model = champion.ToWire() };
    }

    public override async Task<V1.StartTrainingResponse> StartTraining(V1.StartTrainingRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var actor = check.Actor(request.Actor, context);
        var profile = check.Profile(parts, request.Profile);
        var order = new TrainingOrder(profile.Name, actor, request.Seed == 0 ? DefaultSeed : request.Seed, request.KeepCandidate);
        var start = await parts.Training.StartAsync(order, context.CancellationToken).ConfigureAwait(false);
        if (start.Run is { } run) return new V1.StartTrainingResponse { Run = run.ToWire() };
        var wait = start.Holder!.Expires - parts.Time.GetUtcNow();
        throw ApiFailure.Retry(Code.Aborted, "TRAINING_UNDER_WAY", $"{start.Holder.Owner} is training profile '{profile.Name}'",
            wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1));
    }

    public override Task<V1.ListTrainingRunsResponse> ListTrainingRuns(V1.ListTrainingRunsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize, parts);
        string[] filter = [request.Profile];
        var place = check.Page(request.PageToken, filter);
        check.Done();
        if (request.Profile.Length > 0) check.Profile(parts, request.Profile);
        var wanted = parts.Training.Runs.List().Where(r => request.Profile.Length == 0 || r.Order.Profile == request.Profile).ToList();
        var (page, next) = Page(wanted, r => r.Id, place, size, filter, check);
        return Task.FromResult(new V1.ListTrainingRunsResponse { Runs = { page.Select(Wire.ToWire) }, NextPageToken = next });
    }

    public override async Task WatchTraining(V1.WatchTrainingRequest request, IServerStreamWriter<V1.WatchTrainingResponse> responseStream, ServerCallContext context)
    {
        var check = new RequestCheck();
        check.Name("run_id", request.RunId);
        check.Done();
        var runs = parts.Training.Runs;
        if (runs.Find(request.RunId) is null) throw ApiFailure.NotFound("training run", request.RunId, runs.List().Select(r => r.Id));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        await foreach (var run in runs.WatchAsync(request.RunId, end.Token).ConfigureAwait(false))
            await responseStream.WriteAsync(new V1.WatchTrainingResponse { Run = run.ToWire() }, end.Token).ConfigureAwait(false);
    }

    /// <summary>What is known of the values of each metric, and how far those that come in now are from it.</summary>
    private IEnumerable<V1.MetricDistribution> Distributions(ModelRecord record, ModelBundle bundle)
    {
        if (bundle.Distributions is not { } known) return [];
        var live = parts.InputDistances(record.Id).ToDictionary(d => d.Metric);
        return known.Metrics.Select((name, m) =>
        {
            var metric = new V1.MetricDistribution { Metric = name, StepCount = known[m].Count };
            if (known[m].Count > 0)
                metric.Quantiles.Add(MetricDistributions.Levels.Select(level => new V1.MetricQuantile { Level = level, Value = known[m].Quantile(level) }));
            if (live.TryGetValue(name, out var now))
            {
                metric.LiveStepCount = now.StepCount;
                if (!double.IsNaN(now.Distance)) metric.LiveDistance = now.Distance;
            }
            return metric;
        });
    }

    private async Task<ModelRecord> FindAsync(string id, RequestCheck check, ServerCallContext context)
    {
        check.Name("model_id", id);
        check.Done();
        return await parts.Models.FindAsync(id, context.CancellationToken).ConfigureAwait(false)
            ?? throw ApiFailure.NotFound("model", id, (await parts.Models.ListAsync(null, context.CancellationToken).ConfigureAwait(false)).Select(m => m.Id));
    }

    /// <summary>One page of a list that is short enough to be read whole.</summary>
    private static (IEnumerable<T> Page, string Next) Page<T>(List<T> items, Func<T, string> id, string[]? place, int size, string[] filter, RequestCheck check)
    {
        var from = place is null ? 0 : items.FindIndex(i => id(i) == place[0]) + 1;
        if (place is not null && from == 0) check.Add("page_token", $"stands for an item that is gone");
        check.Done();
        var page = items.Skip(from).Take(size).ToList();
        return (page, from + size < items.Count ? PageToken.Write(filter, id(page[^1])) : "");
    }
}
