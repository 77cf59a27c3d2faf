using System.Collections;
using System.Runtime.InteropServices;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>How samples are read.</summary>
public sealed record SampleReadOptions
{
    /// <summary>Skip and count bad rows instead of refusing the file. Default: false.</summary>
    public bool SkipBadRows { get; init; }

    /// <summary>
    /// Long form only: labels whose values, joined by <c>/</c>, name the asset. Default: <c>asset</c>, or <c>instance</c> when the file
    /// has no <c>asset</c> column.
    /// </summary>
    public IReadOnlyList<string> Identity { get; init; } = ["asset"];

    /// <summary>Metrics to keep, by name; null (the default) keeps all.</summary>
    public Func<string, bool>? MetricsFilter { get; init; }
}

/// <summary>One row of the input: the asset's index in <see cref="FleetHistory.Assets"/> and the row's index in that asset.</summary>
public readonly record struct RowKey(int Asset, int Row);

/// <summary>What was read from a file of samples.</summary>
/// <param name="History">All assets, in the order in which they first come, each in ascending time.</param>
/// <param name="Rows">The rows in the order of the file.</param>
/// <param name="Skipped">Rows left out, by reason; empty unless bad rows are skipped.</param>
/// <param name="InfiniteCount">Cells that held an infinity and count as missing.</param>
/// <param name="IsLong">True for the long form: <paramref name="Rows"/> then has one entry per asset and time, at its first place.</param>
public sealed record SampleReadResult(
    FleetHistory History, RowOrder Rows, IReadOnlyDictionary<BadRow, long> Skipped, long InfiniteCount, bool IsLong)
{
    public long SkippedCount => Skipped.Values.Sum();
}

/// <summary>What was read of a file that is read in pieces.</summary>
public sealed class SampleTotals
{
    /// <summary>Usable lines so far.</summary>
    public long RowCount { get; internal set; }

    public HashSet<string> Assets { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows left out, by reason; known at the end.</summary>
    public IReadOnlyDictionary<BadRow, long> Skipped { get; internal set; } = new Dictionary<BadRow, long>();

    /// <summary>Cells that held an infinity and count as missing; known at the end.</summary>
    public long InfiniteCount { get; internal set; }
}

/// <summary>
/// The rows of a file in their order, each with its time as written there. Nine bytes a row: the texts are put together again
/// from ticks and the few ways of writing a time that a file has.
/// </summary>
public sealed class RowOrder : IReadOnlyList<RowKey>
{
    /// <summary>Marks a row whose text is kept as it is.</summary>
    private const byte Literal = byte.MaxValue;

    private readonly List<RowKey> _keys = [];
    private readonly List<byte> _shapeOf = [];
    private readonly List<TimeShape> _shapes = [];
    private readonly Dictionary<int, string> _literals = [];
    private IReadOnlyList<AssetRows> _assets = [];

    public int Count => _keys.Count;

    public RowKey this[int index] => _keys[index];

    /// <summary>The time of the row as it was read.</summary>
    public string TimeText(int index)
    {
        if (_shapeOf[index] == Literal) return _literals[index];
        var key = _keys[index];
        return _shapes[_shapeOf[index]].Render(_assets[key.Asset].Ticks[key.Row]);
    }

    public IEnumerator<RowKey> GetEnumerator() => _keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(RowKey key, TimeShape shape, string? literal)
    {
        var index = literal is null ? ShapeIndex(shape) : Literal;
        if (index == Literal) _literals[_keys.Count] = literal ?? throw new InvalidOperationException("more than 254 ways of writing a time");
        _keys.Add(key);
        _shapeOf.Add(index);
    }

    /// <summary>True when one more way of writing a time can be told apart.</summary>
    internal bool Knows(TimeShape shape) => _shapes.Count < Literal || _shapes.Contains(shape);

    internal void Bind(IReadOnlyList<AssetRows> assets) => _assets = assets;

    /// <summary>Replaces the row index of every key: rows come in the order of arrival and end in the order of time.</summary>
    internal void Reindex(IReadOnlyList<int[]> sortedRowOf)
    {
        foreach (ref var key in CollectionsMarshal.AsSpan(_keys)) key = key with { Row = sortedRowOf[key.Asset][key.Row] };
    }

    private byte ShapeIndex(TimeShape shape)
    {
        if (_shapeOf.Count > 0 && _shapeOf[^1] is var last and not Literal && _shapes[last] == shape) return last;
        var index = _shapes.IndexOf(shape);
        if (index >= 0) return (byte)index;
        _shapes.Add(shape);
        return (byte)(_shapes.Count - 1);
    }
}
