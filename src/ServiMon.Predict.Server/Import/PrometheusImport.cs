using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Import;

/// <summary>What an import from Prometheus did.</summary>
/// <param name="From">The first time that was asked for.</param>
/// <param name="ValueCount">Values stored.</param>
/// <param name="RetryCount">Requests that had to be made again.</param>
public sealed record PrometheusImported(
    AppendCount Rows, long ValueCount, int AssetCount, DateTimeOffset From, DateTimeOffset To, int RetryCount, IReadOnlyList<string> Notes);

/// <summary>
/// Brings the history of a profile's metrics from Prometheus into a store, a stretch of time after the other, with memory bounded by one stretch. The store
/// remembers how far it got: the same import again goes on there, be it after an interruption or a day later.
/// </summary>
/// <remarks>
/// Each step of the profile gets the value that live samples would give it: the last within the step (or the mean, greatest, least or sum, as the profile
/// says), and nothing where there was no sample. A plain range query would repeat the last value for five minutes. Counters come as totals.
/// </remarks>
public sealed class PrometheusImport(IHistoryStore history, ILogStore log, PrometheusOptions options, TimeProvider time, ulong seed)
{
    /// <summary>Cells of a stretch: 16 MB.</summary>
    private const int StretchCells = 2_000_000;

    /// <summary>Points of a series in one answer: Prometheus gives at most 11,000.</summary>
    private const int MostPoints = 10_000;

    private const string Scope = "import";

    /// <param name="from">First time.</param>
    /// <param name="again">True to ask for what was imported before, too.</param>
    /// <param name="progress">Told the share of the time that is done.</param>
    /// <exception cref="InputException">When the address, the token or the profile is wrong.</exception>
    /// <exception cref="IOException">When Prometheus does not answer; what was stored stays, and the next run goes on there.</exception>
    public async Task<PrometheusImported> RunAsync(
        Profile profile, DateTimeOffset from, DateTimeOffset to, bool again, IProgress<double>? progress, CancellationToken ct)
    {
        using var client = new PrometheusClient(options, time, seed);
        var step = profile.Step.Ticks;
        long first = (from.UtcTicks + step - 1) / step * step, end = to.UtcTicks / step * step;
        var key = KeyOf(profile);
        var covered = again ? null : await CoveredAsync(key, ct).ConfigureAwait(false);
        var begin = covered is { } c && c.From <= first && c.To > first ? Math.Min(c.To, end) : first;
        if (begin != first) first = covered!.Value.From;
        var series = await PrometheusSeries.FindAsync(client, profile, new DateTimeOffset(begin, TimeSpan.Zero), to, ct).ConfigureAwait(false);
        var notes = series.Notes.ToList();
        if (begin != first) notes.Add($"goes on at {new DateTimeOffset(begin, TimeSpan.Zero).UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, up to where it was imported before");

        var live = new LiveProfile(new EvidenceModel(series.Profile), null, "");
        var steps = (int)Math.Clamp(StretchCells / ((long)series.Assets.Count * series.Metrics.Count), 1, MostPoints);
        var count = default(AppendCount);
        long values = 0;
        for (var at = begin; at <= end;)
        {
            ct.ThrowIfCancellationRequested();
            var stretch = new Stretch(live.Profile, series.Metrics, at, (int)Math.Min(steps, (end - at) / step + 1));
            try
            {
                foreach (var metric in series.Metrics) Take(stretch, live, metric, await QueryAsync(client, live.Profile.Metrics[metric], stretch, ct).ConfigureAwait(false));
            }
            catch (QueryRefusedException) when (steps > 1)
            {
                steps = Math.Max(1, steps / 2);
                continue;
            }
            catch (QueryRefusedException e)
            {
                throw new InputException(options.Url.AbsoluteUri, $"refuses the query even for a single step: {e.Message}");
            }
            var rows = stretch.Rows();
            values += stretch.ValueCount;
            if (rows.Count > 0) count += await history.AppendAsync(profile.Name, rows, ct).ConfigureAwait(false);
            at += stretch.Steps * step;
            // Rows first: repeating a stretch changes nothing, leaving one out would.
            await log.PutStatesAsync(Scope, [new StateSnapshot(key, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{first} {at}")))], ct).ConfigureAwait(false);
            progress?.Report(Math.Min(1, (at - begin) / (double)(end - begin + step)));
        }
        return new PrometheusImported(count, values, series.Assets.Count, from, to, client.RetryCount, notes);
    }

    private static Task<JsonElement> QueryAsync(PrometheusClient client, MetricSpec metric, Stretch stretch, CancellationToken ct)
    {
        var function = metric.Aggregation switch
        {
            Aggregation.Mean => "avg_over_time",
            Aggregation.Max => "max_over_time",
            Aggregation.Min => "min_over_time",
            Aggregation.Sum => "sum_over_time",
            _ => "last_over_time",
        };
        // A range holds both its ends: without the millisecond a sample between two steps would count in both.
        var range = Math.Max(1, (long)stretch.Step.TotalMilliseconds - 1);
        return client.GetAsync("query_range",
        [
            new("query", string.Create(CultureInfo.InvariantCulture, $"{function}({PrometheusSeries.Selector(metric.Name)}[{range}ms])")),
            new("start", PrometheusSeries.Seconds(stretch.From)), new("end", PrometheusSeries.Seconds(stretch.Last)),
            new("step", (stretch.Step.TotalMilliseconds / 1000).ToString("0.###", CultureInfo.InvariantCulture)),
        ], ct);
    }

    private static void Take(Stretch stretch, LiveProfile live, int metric, JsonElement data)
    {
        foreach (var series in data.GetProperty("result").EnumerateArray())
        {
            if (PrometheusSeries.Resolve(live, live.Profile.Metrics[metric].Name, series.GetProperty("metric"), out var asset) != DropReason.None) continue;
            foreach (var point in series.GetProperty("values").EnumerateArray())
                stretch.Put(asset, metric, point[0].GetDouble(), NumberOf(point[1].GetString()!));
        }
    }

    private static double NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : double.NaN;

    private async Task<(long From, long To)?> CoveredAsync(string key, CancellationToken ct)
    {
        if (await log.FindStateAsync(Scope, key, ct).ConfigureAwait(false) is not { } state) return null;
        var parts = Encoding.ASCII.GetString(state.Body.Span).Split(' ');
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The same Prometheus, profile and way of reading.</summary>
    private string KeyOf(Profile profile) => "prometheus/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{options.Url.AbsoluteUri}\n{profile.Digest()}")));

    /// <summary>The values of all assets over some steps.</summary>
    private sealed class Stretch(Profile profile, IReadOnlyList<int> metrics, long from, int steps)
    {
        private readonly Dictionary<string, double[]> _values = new(StringComparer.Ordinal);
        private readonly Dictionary<int, int> _columnOf = metrics.Select((m, c) => (m, c)).ToDictionary(x => x.m, x => x.c);

        public int Steps => steps;

        public TimeSpan Step => profile.Step;

        public DateTimeOffset From => new(from, TimeSpan.Zero);

        public DateTimeOffset Last => From + (steps - 1) * Step;

        public long ValueCount => _values.Values.Sum(v => v.LongCount(x => !double.IsNaN(x)));

        /// <summary>Of two series of one asset and metric the larger value is kept, as of two live samples of one time.</summary>
        public void Put(string asset, int metric, double seconds, double value)
        {
            var step = (int)Math.Round((seconds * TimeSpan.TicksPerSecond + DateTime.UnixEpoch.Ticks - from) / Step.Ticks);
            if (step < 0 || step >= steps || double.IsNaN(value)) return;
            if (!_values.TryGetValue(asset, out var cells))
            {
                _values.Add(asset, cells = new double[steps * metrics.Count]);
                Array.Fill(cells, double.NaN);
            }
            ref var cell = ref cells[step * metrics.Count + _columnOf[metric]];
            if (!(value <= cell)) cell = value;
        }

        public IReadOnlyList<AssetRows> Rows()
        {
            string[] names = [.. metrics.Select(m => profile.Metrics[m].Name)];
            return [.. _values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => RowsOf(v.Key, v.Value, names))];
        }

        private AssetRows RowsOf(string asset, double[] cells, string[] names)
        {
            var there = Enumerable.Range(0, steps).Where(s => cells.AsSpan(s * names.Length, names.Length).ContainsAnyInRange(double.MinValue, double.MaxValue)).ToArray();
            return new AssetRows(asset, names, [.. there.Select(s => from + s * Step.Ticks)], [.. there.SelectMany(s => cells[(s * names.Length)..((s + 1) * names.Length)])]);
        }
    }
}
