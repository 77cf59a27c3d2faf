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
        var entries = request.Batches.Count + request.Series.Count;
        if (entries is < 1 or > MaxBatches) check.Add("batches", $"has {entries} entries with series, allowed 1 to {MaxBatches}");
        var samples = request.Batches.Sum(b => (long)b.Value.Count) + request.Series.Sum(s => (long)s.Value.Count);
        if (samples > MaxSamples) check.Add("batches", $"has {samples} samples with series, allowed at most {MaxSamples}");
        check.Done();
        for (var i = 0; i < request.Batches.Count; i++) Look(check, request.Batches[i], FormattableString.Invariant($"batches[{i}]"));
        for (var i = 0; i < request.Series.Count; i++) Look(check, request.Series[i], FormattableString.Invariant($"series[{i}]"));
        check.Done();
        var unknown = request.Batches.Select(b => b.Profile).Concat(request.Series.Select(s => s.Profile).Where(p => p.Length > 0))
            .FirstOrDefault(p => !parts.Profiles.ContainsKey(p));
        if (unknown is not null) throw ApiFailure.NotFound("profile", unknown, parts.Profiles.Keys);
        var receipt = await parts.Intake(request, context.CancellationToken).ConfigureAwait(false);
        return new V1.PushSamplesResponse
        {
            AcceptedCount = receipt.Accepted,
            Dropped = { receipt.Dropped.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => new V1.DroppedSamples { Reason = d.Key, Count = d.Value }) },
            FirstDropped = { receipt.FirstDropped.Select(d => new V1.DroppedSample { Field = d.Field, Reason = d.Reason }) },
        };
    }

    private static void Look(RequestCheck check, V1.SampleBatch batch, string field)
    {
        check.Name($"{field}.profile", batch.Profile);
        check.Name($"{field}.asset", batch.Asset);
        Times(check, field, batch.BaseTimeUnixNanos, batch.TimeOffsetNanos, batch.Value.Count);
        if (batch.MetricIndex.Count != batch.Value.Count) check.Add($"{field}.metric_index", $"has {batch.MetricIndex.Count} entries, as many as value has: {batch.Value.Count}");
        foreach (var index in batch.MetricIndex)
        {
            if (index < batch.Metrics.Count) continue;
            check.Add($"{field}.metric_index", $"has {index}, allowed 0 to {batch.Metrics.Count - 1}");
            break;
        }
    }

    private static void Look(RequestCheck check, V1.LabelledSeries series, string field)
    {
        check.Name($"{field}.metric", series.Metric);
        Times(check, field, series.BaseTimeUnixNanos, series.TimeOffsetNanos, series.Value.Count);
    }

    private static void Times(RequestCheck check, string field, long baseNanos, IReadOnlyList<long> offsets, int count)
    {
        if (offsets.Count != count) check.Add($"{field}.time_offset_nanos", $"has {offsets.Count} entries, as many as value has: {count}");
        foreach (var offset in offsets)
        {
            if ((Int128)baseNanos + offset is var nanos && nanos >= long.MinValue && nanos <= long.MaxValue) continue;
            check.Add($"{field}.time_offset_nanos", $"has {offset}, which leads out of the range of times");
            break;
        }
    }
}
