using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>Gathers rows of one asset into pieces of a set size.</summary>
internal sealed class RowPieces(string asset, IReadOnlyList<string> metrics, int pieceRows)
{
    private const int FirstRows = 256;

    private long[] _ticks = new long[Math.Min(FirstRows, pieceRows)];
    private double[] _values = new double[Math.Min(FirstRows, pieceRows) * metrics.Count];
    private int _count;

    public string Asset => asset;

    public bool IsFull => _count == pieceRows;

    /// <summary>A new row of missing values, to be filled in.</summary>
    public ArraySegment<double> Add(long ticks)
    {
        if (_count == _ticks.Length)
        {
            var rows = Math.Min(pieceRows, _count * 2);
            Array.Resize(ref _ticks, rows);
            Array.Resize(ref _values, rows * metrics.Count);
        }
        _ticks[_count] = ticks;
        var row = new ArraySegment<double>(_values, _count++ * metrics.Count, metrics.Count);
        row.AsSpan().Fill(double.NaN);
        return row;
    }

    /// <summary>The rows so far; the next ones make a new piece.</summary>
    public AssetRows Build()
    {
        var piece = new AssetRows(asset, metrics, _ticks[.._count], _values[..(_count * metrics.Count)]);
        _count = 0;
        return piece;
    }

    /// <summary>What is left, or null.</summary>
    public AssetRows? Rest() => _count > 0 ? Build() : null;
}
