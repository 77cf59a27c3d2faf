using System.Globalization;
using System.Runtime.CompilerServices;
using Cassandra;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Mapping;

/// <summary>
/// Reads metrics from a table of the user's, as a mapping says: asset after asset, bucket after bucket, some of them ahead of the reader. Nothing
/// is written. Values that are null or no number are missing; of two samples of one metric and time the later row counts.
/// </summary>
public sealed class MappedTable : IDisposable
{
    private readonly Cluster _cluster;
    private readonly DriverMeters _meters;
    private readonly CqlSession _session;
    private readonly MappingOptions _mapping;

    private MappedTable(Cluster cluster, DriverMeters meters, CqlSession session, MappingOptions mapping)
    {
        _cluster = cluster;
        _meters = meters;
        _session = session;
        _mapping = mapping;
    }

    /// <summary>Connects; the keyspace of the options is what table names without one are looked up in.</summary>
    /// <exception cref="InputException">When the servers refuse the user.</exception>
    /// <exception cref="StoreException">When no server answers.</exception>
    public static async Task<MappedTable> OpenAsync(CassandraOptions options, MappingOptions mapping, CancellationToken ct)
    {
        var meters = new DriverMeters();
        try
        {
            var (cluster, session) = await ClusterConnection.OpenAsync(options, meters, TimeProvider.System, ct).ConfigureAwait(false);
            return new MappedTable(cluster, meters, new CqlSession(session, options), mapping);
        }
        catch
        {
            meters.Dispose();
            throw;
        }
    }

    /// <summary>The assets that the mapping names or finds, by name (ordinal).</summary>
    public async Task<IReadOnlyList<string>> ListAssetsAsync(CancellationToken ct)
    {
        if (_mapping.AssetQuery is null) return _mapping.Assets;
        var names = await AskAsync(() => _session.ListAsync(Traffic.HistoryRead, r => Convert.ToString(r[0], CultureInfo.InvariantCulture) ?? "", ct, _mapping.AssetQuery)).ConfigureAwait(false);
        return [.. names.Where(n => n.Length > 0).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads the rows of an asset within [from, to), a piece for each bucket that has some.</summary>
    /// <exception cref="InputException">When the query cannot be used, or gives no such columns.</exception>
    public async IAsyncEnumerable<AssetRows> ReadAsync(string asset, DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken ct)
    {
        var ahead = new Queue<Task<AssetRows?>>();
        for (var start = Floor(from); ; start += _mapping.BucketSpan)
        {
            if (start < to) ahead.Enqueue(BucketAsync(asset, start, from, to, ct));
            if (start < to && ahead.Count < _session.Options.ReadsAhead) continue;
            if (!ahead.TryDequeue(out var next)) yield break;
            if (await next.ConfigureAwait(false) is { } rows) yield return rows;
        }
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _meters.Dispose();
    }

    private async Task<AssetRows?> BucketAsync(string asset, DateTimeOffset bucket, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var samples = new SortedDictionary<long, Dictionary<string, double>>();
        // Without {bucket} the query is cut into buckets by its times, so that no answer is large.
        var (least, most) = (from > bucket ? from : bucket, to < bucket + _mapping.BucketSpan ? to : bucket + _mapping.BucketSpan);
        foreach (var metric in _mapping.Metrics.IsEmpty ? [""] : _mapping.Metrics)
        {
            var prepared = await AskAsync(() => _session.PrepareAsync(_mapping.Query.Cql, ct)).ConfigureAwait(false);
            var values = _mapping.Query.Names.Select((name, i) => Value(name, prepared.Variables.Columns[i], asset, metric, bucket, least, most)).ToArray();
            await foreach (var page in _session.PagesAsync(Traffic.HistoryRead, ct, _mapping.Query.Cql, values).ConfigureAwait(false))
                foreach (var row in page) Take(row, metric, least.UtcTicks, most.UtcTicks, samples);
        }
        if (samples.Count == 0) return null;
        string[] names = [.. samples.Values.SelectMany(s => s.Keys).Distinct().Order(StringComparer.Ordinal)];
        return new AssetRows(asset, names, [.. samples.Keys], [.. samples.Values.SelectMany(s => names.Select(n => s.GetValueOrDefault(n, double.NaN)))]);
    }

    private void Take(Row row, string metric, long least, long most, SortedDictionary<long, Dictionary<string, double>> samples)
    {
        if (Cell(row, _mapping.TimeColumn) is not { } time) return;
        var ticks = time switch
        {
            DateTimeOffset at => at.UtcTicks,
            _ => DateTimeOffset.UnixEpoch.Ticks + (long)(Convert.ToDecimal(time, CultureInfo.InvariantCulture) * _mapping.TimeUnitTicks),
        };
        if (ticks < least || ticks >= most) return;
        if (!samples.TryGetValue(ticks, out var sample)) samples.Add(ticks, sample = []);
        foreach (var column in _mapping.ValueColumns)
        {
            var name = _mapping.MetricColumn is { } metricColumn ? Convert.ToString(Cell(row, metricColumn), CultureInfo.InvariantCulture) : metric.Length > 0 ? metric : column;
            if (!string.IsNullOrEmpty(name) && Number(Cell(row, column)) is { } value) sample[name] = value;
        }
    }

    private static object? Cell(Row row, string column) =>
        row.GetColumn(column) is null ? throw new InputException("cassandra.mapping", $"the query gives no column '{column}'") : row.GetValue<object>(column);

    private static double? Number(object? cell) => cell switch
    {
        null => null,
        bool flag => flag ? 1 : 0,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>The value of a placeholder in the type that the server wants there.</summary>
    private object Value(string name, CqlColumn column, string asset, string metric, DateTimeOffset bucket, DateTimeOffset from, DateTimeOffset to) => name switch
    {
        "asset" => Typed(asset, column),
        "metric" => Typed(metric, column),
        "from" => Time(from, column),
        "to" => Time(to, column),
        _ => column.TypeCode switch
        {
            ColumnTypeCode.Timestamp => bucket,
            ColumnTypeCode.Date => new LocalDate(bucket.Year, bucket.Month, bucket.Day),
            ColumnTypeCode.Bigint => Number(bucket),
            ColumnTypeCode.Int => (int)Number(bucket),
            _ => bucket.ToString(_mapping.BucketFormat, CultureInfo.InvariantCulture),
        },
    };

    private object Time(DateTimeOffset time, CqlColumn column) => column.TypeCode switch
    {
        ColumnTypeCode.Timestamp => time,
        ColumnTypeCode.Int => (int)((time - DateTimeOffset.UnixEpoch).Ticks / _mapping.TimeUnitTicks),
        ColumnTypeCode.Double => (double)(time - DateTimeOffset.UnixEpoch).Ticks / _mapping.TimeUnitTicks,
        _ => (time - DateTimeOffset.UnixEpoch).Ticks / _mapping.TimeUnitTicks,
    };

    private static object Typed(string text, CqlColumn column) => column.TypeCode switch
    {
        ColumnTypeCode.Int => int.Parse(text, CultureInfo.InvariantCulture),
        ColumnTypeCode.Bigint => long.Parse(text, CultureInfo.InvariantCulture),
        ColumnTypeCode.Uuid or ColumnTypeCode.Timeuuid => Guid.Parse(text),
        _ => text,
    };

    private long Number(DateTimeOffset bucket) => (bucket - DateTimeOffset.UnixEpoch).Ticks / _mapping.BucketSpan.Ticks;

    private DateTimeOffset Floor(DateTimeOffset time)
    {
        var since = (time - DateTimeOffset.UnixEpoch).Ticks;
        return DateTimeOffset.UnixEpoch.AddTicks(since - (since % _mapping.BucketSpan.Ticks + _mapping.BucketSpan.Ticks) % _mapping.BucketSpan.Ticks);
    }

    /// <summary>A query that the server does not understand is the user's mistake, not a failure.</summary>
    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (StoreException e) when (e.InnerException is QueryValidationException wrong)
        {
            throw new InputException("cassandra.mapping", $"the server does not take the query: {wrong.Message}");
        }
    }
}
