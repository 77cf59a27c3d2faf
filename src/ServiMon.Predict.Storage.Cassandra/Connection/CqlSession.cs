using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>
/// Statements on one keyspace: prepared once, routed by their partition, paged, and with failures said in our words. Safe to use from
/// several threads.
/// </summary>
internal sealed class CqlSession(ISession session, CassandraOptions options)
{
    private readonly ConcurrentDictionary<string, Task<PreparedStatement>> _prepared = new(StringComparer.Ordinal);

    public CassandraOptions Options => options;

    /// <summary>A statement with its values; null sets null, <see cref="Unset"/> leaves what was there.</summary>
    public async Task<BoundStatement> BindAsync(CancellationToken ct, string cql, params object?[] values)
    {
        var statement = await PrepareAsync(cql, ct).ConfigureAwait(false);
        return statement.Bind(values);
    }

    public async Task<PreparedStatement> PrepareAsync(string cql, CancellationToken ct)
    {
        var preparing = _prepared.GetOrAdd(cql, static (text, from) => from.PrepareAsync(text), session);
        try
        {
            return await preparing.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (preparing.IsFaulted)
        {
            _prepared.TryRemove(new KeyValuePair<string, Task<PreparedStatement>>(cql, preparing));
            throw CqlFailure.Translate(options.Place, e);
        }
    }

    public async Task<RowSet> ExecuteAsync(Traffic traffic, IStatement statement, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            return await session.ExecuteAsync(statement, TrafficProfiles.Of(traffic)).WaitAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw CqlFailure.Translate(options.Place, e);
        }
    }

    public async Task ExecuteAsync(Traffic traffic, CancellationToken ct, string cql, params object?[] values) =>
        await ExecuteAsync(traffic, await BindAsync(ct, cql, values).ConfigureAwait(false), ct).ConfigureAwait(false);

    /// <summary>Runs statements of one partition as one mutation: whole or not at all, and seen so.</summary>
    public async Task ExecuteTogetherAsync(Traffic traffic, IReadOnlyList<BoundStatement> statements, CancellationToken ct)
    {
        if (statements.Count == 0) return;
        if (statements.Count == 1)
        {
            await ExecuteAsync(traffic, statements[0], ct).ConfigureAwait(false);
            return;
        }
        var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
        foreach (var statement in statements) batch.Add(statement);
        batch.SetIdempotence(true);
        await ExecuteAsync(traffic, batch, ct).ConfigureAwait(false);
    }

    /// <summary>Reads a few rows: all pages at once. Where the first value, which begins the partition key, is empty there is nothing.</summary>
    public async Task<List<T>> ListAsync<T>(Traffic traffic, Func<Row, T> make, CancellationToken ct, string cql, params object?[] values)
    {
        var list = new List<T>();
        if (IsNoPartition(values)) return list;
        await foreach (var row in StreamAsync(traffic, ct, cql, values).ConfigureAwait(false)) list.Add(make(row));
        return list;
    }

    /// <summary>Reads rows page by page, the next one on its way while one is used: memory is bounded by two pages.</summary>
    public async IAsyncEnumerable<Row> StreamAsync(Traffic traffic, [EnumeratorCancellation] CancellationToken ct, string cql, params object?[] values)
    {
        await foreach (var page in PagesAsync(traffic, ct, cql, values).ConfigureAwait(false))
            foreach (var row in page) yield return row;
    }

    /// <summary>Like <see cref="StreamAsync"/>, in pages. The first page is asked for when this is called, not when it is first read.</summary>
    public IAsyncEnumerable<RowSet> PagesAsync(Traffic traffic, CancellationToken ct, string cql, params object?[] values)
    {
        return Pages(PageAsync(null), ct);

        async Task<RowSet> PageAsync(byte[]? state)
        {
            var statement = await BindAsync(ct, cql, values).ConfigureAwait(false);
            statement.SetAutoPage(false).SetPageSize(options.PageRows).SetPagingState(state);
            return await ExecuteAsync(traffic, statement, ct).ConfigureAwait(false);
        }

        async IAsyncEnumerable<RowSet> Pages(Task<RowSet> first, [EnumeratorCancellation] CancellationToken stop)
        {
            for (var page = first; page is not null;)
            {
                stop.ThrowIfCancellationRequested();
                var rows = await page.ConfigureAwait(false);
                page = rows.PagingState is { } state ? PageAsync(state) : null;
                yield return rows;
            }
        }
    }

    /// <summary>
    /// Runs a light-weight transaction. Null when it is not known whether it was applied: a server that timed out may have done it or not,
    /// so the caller has to read.
    /// </summary>
    public async Task<bool?> TryAsync(Traffic traffic, IStatement statement, CancellationToken ct)
    {
        statement.SetIdempotence(false);
        ct.ThrowIfCancellationRequested();
        try
        {
            var rows = await session.ExecuteAsync(statement, TrafficProfiles.Of(traffic)).ConfigureAwait(false);
            return rows.First().GetValue<bool>("[applied]");
        }
        catch (Exception e) when (e is WriteTimeoutException or OperationTimedOutException)
        {
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw CqlFailure.Translate(options.Place, e);
        }
    }

    /// <summary>Reads what light-weight transactions wrote, finishing one that was left half-done.</summary>
    public async Task<Row?> FindSerialAsync(Traffic traffic, CancellationToken ct, string cql, params object?[] values)
    {
        if (IsNoPartition(values)) return null;
        var statement = await BindAsync(ct, cql, values).ConfigureAwait(false);
        statement.SetConsistencyLevel(options.Consistency.Serial);
        return (await ExecuteAsync(traffic, statement, ct).ConfigureAwait(false)).FirstOrDefault();
    }

    /// <summary>Cassandra takes no empty text as partition key; a profile or scope without a name has nothing.</summary>
    private static bool IsNoPartition(object?[] values) => values.Length > 0 && values[0] is "";

    /// <summary>Does work for many items, as many at once as the options allow, and gives the results in the order of the items.</summary>
    public async Task<TResult[]> EachAsync<T, TResult>(IReadOnlyList<T> items, Func<T, Task<TResult>> work, CancellationToken ct)
    {
        var results = new TResult[items.Count];
        await Parallel.ForAsync(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = options.RequestsAtOnce, CancellationToken = ct },
            async (i, _) => results[i] = await work(items[i]).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }
}
