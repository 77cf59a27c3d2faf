using Grpc.Core;

namespace ServiMon.Predict.Server.Api;

/// <summary><c>servimon.predict.v1.SampleService</c>.</summary>
internal sealed class SampleApi(ApiParts parts) : V1.SampleService.SampleServiceBase
{
    private const int MaxBatches = 1000;
    private const int MaxSamples = 100_000;

    public override async Task<V1.PushSamplesResponse> PushSamples(V1.PushSamplesRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        if (request.Batches.Count is < 1 or > MaxBatches) check.Add("batches", $"has {request.Batches.Count} entries, allowed 1 to {MaxBatches}");
        var samples = request.Batches.Sum(b => (long)b.Value.Count);
        if (samples > MaxSamples) check.Add("batches", $"has {samples} samples, allowed at most {MaxSamples}");
        for (var i = 0; i < Math.Min(MaxBatches, request.Batches.Count); i++) Look(check, request.Batches[i], FormattableString.Invariant($"batches[{i}]"));
        check.Done();
        if (request.Batches.FirstOrDefault(b => !parts.Profiles.ContainsKey(b.Profile)) is { } unknown)
            throw ApiFailure.NotFound("profile", unknown.Profile, parts.Profiles.Keys);
        var receipt = await parts.Intake(request.Batches, context.CancellationToken).ConfigureAwait(false);
        return new V1.PushSamplesResponse
        {
            AcceptedCount = receipt.Accepted,
            Dropped = { receipt.Dropped.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => new V1.DroppedSamples { Reason = d.Key, Count = d.Value }) },
        };
    }

    private static void Look(RequestCheck check, V1.SampleBatch batch, string field)
    {
        check.Name($"{field}.profile", batch.Profile);
        check.Name($"{field}.asset", batch.Asset);
        if (batch.TimeOffsetNanos.Count != batch.Value.Count) check.Add($"{field}.time_offset_nanos", $"has {batch.TimeOffsetNanos.Count} entries, as many as value has: {batch.Value.Count}");
        if (batch.MetricIndex.Count != batch.Value.Count) check.Add($"{field}.metric_index", $"has {batch.MetricIndex.Count} entries, as many as value has: {batch.Value.Count}");
        foreach (var index in batch.MetricIndex)
        {
            if (index < batch.Metrics.Count) continue;
            check.Add($"{field}.metric_index", $"has {index}, allowed 0 to {batch.Metrics.Count - 1}");
            break;
        }
    }
}
