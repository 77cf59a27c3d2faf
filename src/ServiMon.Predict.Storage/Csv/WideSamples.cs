using System.Text;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>Reads <c>time,asset,metric…</c>, the columns in any order.</summary>
internal sealed class WideSamples(CsvInput input, CsvProblems problems, SampleReadOptions options, string[] header)
{
    private readonly List<Rows> _assets = [];
    private readonly Dictionary<string, Rows> _byName = new(StringComparer.Ordinal);
    private readonly RowOrder _order = new();
    private Rows? _last;
    private byte[] _lastName = [];
    private readonly List<Rows> _buffered = [];
    private int _bufferedRows;
    private bool _inChunks;
    private long _infinite;

    public SampleReadResult Read(string where, CancellationToken ct)
    {
        var (time, asset, columns, metrics) = ReadColumns(where);
        var row = new double[metrics.Length];
        while (input.Next(ct)) ReadRow(time, asset, columns, row);
        var assets = _assets.Select(a => a.Take(metrics)).ToArray();
        _order.Bind(assets);
        return new SampleReadResult(new FleetHistory(metrics, assets), _order, problems.Skipped, _infinite, IsLong: false);
    }

    /// <summary>The same rows in pieces; of what was handed out only the last time of each asset is kept.</summary>
    public IEnumerable<IReadOnlyList<AssetRows>> ReadChunks(string where, int chunkRows, SampleTotals totals, CancellationToken ct)
    {
        var (time, asset, columns, metrics) = ReadColumns(where);
        var row = new double[metrics.Length];
        _inChunks = true;
        while (input.Next(ct))
        {
            ReadRow(time, asset, columns, row);
            if (_bufferedRows >= chunkRows) yield return Chunk();
        }
        if (_bufferedRows > 0) yield return Chunk();
        totals.InfiniteCount = _infinite;

        IReadOnlyList<AssetRows> Chunk()
        {
            totals.RowCount += _bufferedRows;
            totals.Assets.UnionWith(_buffered.Select(b => b.Name));
            AssetRows[] chunk = [.. _buffered.Select(b => b.Take(metrics))];
            _buffered.Clear();
            _bufferedRows = 0;
            return chunk;
        }
    }

    private (int Time, int Asset, int[] Columns, string[] Metrics) ReadColumns(string where)
    {
        int time = Array.IndexOf(header, "time"), asset = Array.IndexOf(header, "asset");
        if (time < 0) problems.Fatal(where, Missing("time"));
        if (asset < 0) problems.Fatal(where, Missing("asset"));
        if (header.Length <= 2 && time >= 0 && asset >= 0) problems.Fatal(where, "there is no metric column beside time and asset");
        problems.ThrowIfAny();
        var columns = Enumerable.Range(0, header.Length)
            .Where(c => c != time && c != asset && options.MetricsFilter?.Invoke(header[c]) != false).ToArray();
        return (time, asset, columns, columns.Select(c => header[c]).ToArray());
    }

    private string Missing(string column) =>
        $"column '{column}' is missing; the header has {string.Join(", ", header.Take(12))}{(header.Length > 12 ? ", …" : "")}"
        + "; samples are time,asset,<metric>… or time,metric,value,<label>…";

    private void ReadRow(int time, int asset, int[] columns, double[] row)
    {
        var good = true;
        var timeCell = input.Cell(time);
        if (!CsvTime.TryParse(timeCell, out var ticks, out var shape, out var exact))
        {
            problems.Row(input.Line, BadRow.Time, CsvTime.Problem("time", timeCell));
            good = false;
        }
        if (CsvText.NameProblem("asset", input.Cell(asset)) is { } bad)
        {
            problems.Row(input.Line, BadRow.Name, bad);
            good = false;
        }
        long infinite = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            var cell = input.Cell(columns[i]);
            if (!CsvText.TryParse(cell, out row[i]))
            {
                problems.Row(input.Line, BadRow.Number, $"{header[columns[i]]} '{CsvText.Shown(cell)}' is not a number; {CsvText.NumberForm}");
                good = false;
            }
            else if (double.IsInfinity(row[i]))
            {
                row[i] = double.NaN;
                infinite++;
            }
        }
        if (!good) return;
        var rows = Find(input.Cell(asset), columns.Length);
        if (rows.LastTicks is { } last && ticks <= last)
        {
            var (reason, what) = SampleRows.NotAfter("asset", rows.Name, ticks, last);
            problems.Row(input.Line, reason, what);
            return;
        }
        _infinite += infinite;
        if (!_inChunks) _order.Add(new RowKey(rows.Index, rows.Count), shape, exact && _order.Knows(shape) ? null : Encoding.UTF8.GetString(timeCell));
        else
        {
            if (rows.Count == 0) _buffered.Add(rows);
            _bufferedRows++;
        }
        rows.Add(ticks, row);
    }

    private Rows Find(ReadOnlySpan<byte> name, int width)
    {
        if (_last is not null && name.SequenceEqual(_lastName)) return _last;
        Span<char> text = stackalloc char[CsvText.LongestName];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (!_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var rows))
        {
            rows = new Rows(text.ToString(), _assets.Count, width);
            _assets.Add(rows);
            _byName.Add(rows.Name, rows);
        }
        _last = rows;
        _lastName = rows.Utf8Name;
        return rows;
    }

    /// <summary>The growing rows of one asset.</summary>
    private sealed class Rows(string name, int index, int width)
    {
        private long[] _ticks = new long[16];
        private double[] _values = new double[16 * width];

        public string Name => name;
        public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);
        public int Index => index;
        public int Count { get; private set; }
        public long? LastTicks { get; private set; }

        public void Add(long ticks, double[] row)
        {
            if (Count == _ticks.Length)
            {
                Array.Resize(ref _ticks, Count * 2);
                Array.Resize(ref _values, Count * 2 * width);
            }
            _ticks[Count] = ticks;
            LastTicks = ticks;
            row.CopyTo(_values.AsSpan(Count * width));
            Count++;
        }

        /// <summary>Hands out the rows since the last time.</summary>
        public AssetRows Take(string[] metrics)
        {
            var rows = new AssetRows(name, metrics, _ticks[..Count], _values[..(Count * width)]);
            (_ticks, _values, Count) = (new long[16], new double[16 * width], 0);
            return rows;
        }
    }
}

/// <summary>What is said of rows in both forms.</summary>
internal static class SampleRows
{
    public static (BadRow Reason, string What) NotAfter(string kind, string name, long ticks, long last) => ticks == last
        ? (BadRow.Duplicate, $"{kind} '{name}' has time {CsvTime.Text(ticks)} twice")
        : (BadRow.OutOfOrder, $"{kind} '{name}' goes back in time: {CsvTime.Text(ticks)} after {CsvTime.Text(last)}; the rows of one asset must ascend");
}
