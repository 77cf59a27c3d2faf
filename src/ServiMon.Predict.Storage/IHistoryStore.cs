using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage;

/// <summary>What to read from history.</summary>
public sealed record HistoryQuery
{
    public required string Profile { get; init; }

    /// <summary>Assets in the order in which they are to come; null (the default) for all, by name. Unknown ones give no rows.</summary>
    public IReadOnlyList<string>? Assets { get; init; }

    /// <summary>First time, inclusive; null (the default) from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Last time, exclusive; null (the default) to the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Columns in the order wanted, missing throughout when unknown; null (the default) for all, in the order of their first append.</summary>
    public IReadOnlyList<string>? Metrics { get; init; }

    /// <summary>Most rows in one piece. Default 4096, range 1 to 1,000,000.</summary>
    public int ChunkRows { get; init; } = 4096;
}

/// <summary>What there is of one asset.</summary>
public sealed record AssetExtent(string Asset, DateTimeOffset First, DateTimeOffset Last, long RowCount);

/// <summary>What an append did.</summary>
/// <param name="Added">Rows of a new asset and time.</param>
/// <param name="Replaced">Rows whose asset and time were there already.</param>
public readonly record struct AppendCount(long Added, long Replaced)
{
    public static AppendCount operator +(AppendCount a, AppendCount b) => new(a.Added + b.Added, a.Replaced + b.Replaced);
}

/// <summary>The metric history of fleets: rows by profile, asset and time.</summary>
public interface IHistoryStore
{
    /// <summary>
    /// Adds rows of one or more assets; when it returns they survive the end of the process, all of them or, after an exception, none; in Cassandra
    /// a failure may leave some, and appending again puts that right.
    /// Each <see cref="AssetRows"/> may have its own metrics. Appending the same asset and time again leaves one row: a value of the
    /// later write wins, a missing one (NaN) leaves what was there.
    /// </summary>
    /// <exception cref="ArgumentException">When times of an <see cref="AssetRows"/> do not ascend strictly.</exception>
    /// <exception cref="StoreException">When the store is locked, full or not there.</exception>
    Task<AppendCount> AppendAsync(string profile, IReadOnlyList<AssetRows> rows, CancellationToken ct = default);

    /// <summary>
    /// Reads asset after asset, each in strictly ascending time, in pieces of at most <see cref="HistoryQuery.ChunkRows"/> rows that all
    /// share one list of metrics. What is appended meanwhile is seen whole or not at all within one asset. Memory is bounded by one
    /// piece and one block of the store.
    /// </summary>
    /// <exception cref="StoreException">When a block is damaged (names asset and time range), or the store is not there.</exception>
    IAsyncEnumerable<AssetRows> ReadAsync(HistoryQuery query, CancellationToken ct = default);

    /// <summary>The assets that have rows, by name (ordinal).</summary>
    Task<IReadOnlyList<AssetExtent>> ListAssetsAsync(string profile, CancellationToken ct = default);

    /// <summary>All metrics ever appended, in the order of their first append.</summary>
    Task<IReadOnlyList<string>> ListMetricsAsync(string profile, CancellationToken ct = default);

    /// <summary>
    /// Removes all rows before a time: retention. Asset after asset, so that writes of others come in between; when it is stopped, what was
    /// removed stays removed.
    /// </summary>
    /// <returns>How many.</returns>
    Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default);

    /// <summary>
    /// Removes an asset with all its rows. Metrics stay known. Doing it again, or for an asset that there is not, removes nothing.
    /// </summary>
    /// <returns>How many rows.</returns>
    Task<long> DeleteAssetAsync(string profile, string asset, CancellationToken ct = default);
}
