using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>The part of an asset's stored history that findings are looked for in, with what detectors learn from before it.</summary>
/// <param name="Model">Says what the metrics are.</param>
/// <param name="Start">UTC ticks from which findings count.</param>
internal sealed record FindingHistory(EvidenceModel Model, AssetRows Rows, long Start)
{
    /// <summary>Steps before the span that are read.</summary>
    private const long LearnedSteps = 20_000;

    /// <summary>Values read at most; of more, those before the span are the first to be left out.</summary>
    private const long MostValues = 8_000_000;

    private const int LeastSteps = 100;

    /// <summary>What was found in the span, in order of time; and how many steps lie in it and before it.</summary>
    public (List<Finding> Found, long Steps, long Learned) Find(DetectorOptions options, CancellationToken ct)
    {
        var replay = new FindingReplay(Model, Rows, options);
        var found = new List<Finding>();
        var (steps, learned) = (0L, 0L);
        while (replay.NextTicks is var ticks && replay.Advance(found))
        {
            if ((steps + learned) % 1024 == 0) ct.ThrowIfCancellationRequested();
            if (ticks >= Start)
            {
                steps++;
                continue;
            }
            learned++;
            // A step may reach over the beginning of the span.
            found.RemoveAll(f => f.Ticks < Start);
        }
        return (found, steps, learned);
    }

    /// <summary>Reads them; an unknown asset is NOT_FOUND, a span of too many values OUT_OF_RANGE.</summary>
    /// <param name="from">Null for a day before the last row.</param>
    /// <param name="to">Null for the last row.</param>
    public static async Task<FindingHistory> ReadAsync(IHistoryStore history, Profile profile, string asset, DateTimeOffset? from, DateTimeOffset? to, CancellationToken ct)
    {
        var extents = await history.ListAssetsAsync(profile.Name, ct).ConfigureAwait(false);
        var extent = extents.FirstOrDefault(e => e.Asset == asset) ?? throw ApiFailure.NotFound("asset", asset, extents.Select(e => e.Asset));
        var metrics = await history.ListMetricsAsync(profile.Name, ct).ConfigureAwait(false);
        var model = new EvidenceModel(ProfileInference.Complete(profile, metrics));
        string[] columns = [.. model.Profile.Metrics.Select(m => m.Name).Where(metrics.Contains)];

        var end = to ?? extent.Last.AddTicks(1);
        var start = from ?? Back(end, Math.Max(TimeSpan.TicksPerDay, LeastSteps * profile.Step.Ticks));
        var (ticks, values) = (new List<long>(), new List<double>());
        var query = new HistoryQuery { Profile = profile.Name, Assets = [asset], Metrics = columns, From = Back(start, LearnedSteps * profile.Step.Ticks), To = end };
        await foreach (var rows in history.ReadAsync(query, ct).ConfigureAwait(false))
        {
            ticks.AddRange(rows.Ticks);
            values.AddRange(rows.Values);
            if (values.Count > MostValues) Shorten(start.UtcTicks, columns.Length, ticks, values);
        }
        return new FindingHistory(model, new AssetRows(asset, columns, [.. ticks], [.. values]), start.UtcTicks);
    }

    private static void Shorten(long start, int width, List<long> ticks, List<double> values)
    {
        var excess = (int)((values.Count - MostValues + width - 1) / width);
        if (ticks[excess - 1] >= start)
            throw ApiFailure.Failure(Google.Rpc.Code.OutOfRange, "TOO_MANY_VALUES", FormattableString.Invariant($"the span has more than {MostValues} values; ask for a shorter one"), []);
        ticks.RemoveRange(0, excess);
        values.RemoveRange(0, excess * width);
    }

    private static DateTimeOffset Back(DateTimeOffset time, long ticks) => time.UtcTicks > ticks ? time.AddTicks(-ticks) : DateTimeOffset.MinValue;
}
