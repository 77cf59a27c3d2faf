using System.Text;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>Reads <c>time,metric,value,label…</c> and pivots it: the times of an asset are the union of those of its metrics.</summary>
internal sealed class LongSamples(CsvInput input, CsvProblems problems, SampleReadOptions options, string[] header)
{
    private readonly List<Cells> _assets = [];
    private readonly Dictionary<string, Cells> _byName = new(StringComparer.Ordinal);
    private readonly List<string> _metrics = [];
    private readonly Dictionary<string, int> _metricIndex = new(StringComparer.Ordinal);
    private readonly RowOrder _order = new();
    private readonly StringBuilder _name = new();
    private readonly HashSet<Cells> _buffered = [];
    private int _bufferedCells;
    private bool _inChunks;
    private long _infinite;

    public SampleReadResult Read(string where, CancellationToken ct)
    {
        var (time, metric, value, labels) = ReadColumns(where);
        while (input.Next(ct)) ReadRow(time, metric, value, labels);
        var sortedRowOf = new List<int[]>();
        var assets = _assets.Select(a =>
        {
            var rows = a.Pivot(_metrics, out var sorted);
            sortedRowOf.Add(sorted);
            return rows;
        }).ToArray();
        _order.Reindex(sortedRowOf);
        _order.Bind(assets);
        return new SampleReadResult(new FleetHistory(_metrics, assets), _order, problems.Skipped, _infinite, IsLong: true);
    }

    /// <summary>The same cells in pieces: a row whose cells stand far apart in the file comes in several pieces, each with its own cells.</summary>
    public IEnumerable<IReadOnlyList<AssetRows>> ReadChunks(string where, int chunkRows, SampleTotals totals, CancellationToken ct)
    {
        var (time, metric, value, labels) = ReadColumns(where);
        _inChunks = true;
        while (input.Next(ct))
        {
            ReadRow(time, metric, value, labels);
            if (_bufferedCells >= chunkRows) yield return Chunk();
        }
        if (_bufferedCells > 0) yield return Chunk();
        totals.InfiniteCount = _infinite;

        IReadOnlyList<AssetRows> Chunk()
        {
            totals.RowCount += _bufferedCells;
            string[] metrics = [.. _metrics];
            AssetRows[] chunk = [.. _buffered.OrderBy(b => b.Index).Select(b => b.Take(metrics))];
            totals.Assets.UnionWith(chunk.Select(c => c.Asset));
            _buffered.Clear();
            _bufferedCells = 0;
            return chunk;
        }
    }

    private (int Time, int Metric, int Value, int[] Labels) ReadColumns(string where)
    {
        int time = Array.IndexOf(header, "time"), metric = Array.IndexOf(header, "metric"), value = Array.IndexOf(header, "value");
        if (time < 0) problems.Fatal(where, $"column 'time' is missing; the header has {string.Join(", ", header)}");
        var identity = options.Identity.SequenceEqual(["asset"]) && !header.Contains("asset") ? ["instance"] : options.Identity;
        foreach (var label in identity.Where(label => !header.Contains(label)))
            problems.Fatal(where, $"column '{label}' is missing, which names the asset; the header has {string.Join(", ", header)}");
        problems.ThrowIfAny();
        return (time, metric, value, identity.Select(label => Array.IndexOf(header, label)).ToArray());
    }

    private void ReadRow(int time, int metric, int value, int[] labels)
    {
        var good = true;
        var timeCell = input.Cell(time);
        if (!CsvTime.TryParse(timeCell, out var ticks, out var shape, out var exact))
        {
            problems.Row(input.Line, BadRow.Time, CsvTime.Problem("time", timeCell));
            good = false;
        }
        if (!CsvText.TryParse(input.Cell(value), out var number))
        {
            problems.Row(input.Line, BadRow.Number, $"value '{CsvText.Shown(input.Cell(value))}' is not a number; {CsvText.NumberForm}");
            good = false;
        }
        var name = AssetName(labels);
        if (CsvText.NameProblem("asset", Encoding.UTF8.GetBytes(name)) is { } bad)
        {
            problems.Row(input.Line, BadRow.Name, bad);
            good = false;
        }
        var metricName = input.Text(metric);
        if (metricName.Length == 0)
        {
            problems.Row(input.Line, BadRow.Name, "metric is empty; name the metric");
            good = false;
        }
        if (!good || options.MetricsFilter?.Invoke(metricName) == false) return;
        if (!_metricIndex.TryGetValue(metricName, out var column))
        {
            _metricIndex.Add(metricName, column = _metrics.Count);
            _metrics.Add(metricName);
        }
        if (!_byName.TryGetValue(name, out var cells))
        {
            _byName.Add(name, cells = new Cells(name));
            _assets.Add(cells);
            cells.Index = _assets.Count - 1;
        }
        if (cells.LastTicks(column) is { } last && ticks <= last)
        {
            var (reason, what) = SampleRows.NotAfter("metric", $"{metricName}' of asset '{name}", ticks, last);
            problems.Row(input.Line, reason, what);
            return;
        }
        if (double.IsInfinity(number))
        {
            number = double.NaN;
            _infinite++;
        }
        if (_inChunks)
        {
            _bufferedCells++;
            _buffered.Add(cells);
        }
        if (cells.Add(ticks, column, number, out var row) && !_inChunks)
            _order.Add(new RowKey(cells.Index, row), shape, exact && _order.Knows(shape) ? null : Encoding.UTF8.GetString(timeCell));
    }

    private string AssetName(int[] labels)
    {
        if (labels.Length == 1) return input.Text(labels[0]);
        _name.Clear();
        foreach (var label in labels)
        {
            if (_name.Length > 0) _name.Append('/');
            _name.Append(input.Text(label));
        }
        return _name.ToString();
    }

    /// <summary>The cells of one asset in order of arrival; its rows are numbered by the first cell of their time.</summary>
    private sealed class Cells(string name)
    {
        private readonly Dictionary<long, int> _rowOf = [];
        private readonly List<long> _ticks = [];
        private readonly List<(int Row, int Column, double Value)> _cells = [];
        private readonly List<long> _lastTicks = [];

        public int Index { get; set; }

        public long? LastTicks(int column) => column < _lastTicks.Count && _lastTicks[column] != long.MinValue ? _lastTicks[column] : null;

        /// <returns>True when the time is new for this asset.</returns>
        public bool Add(long ticks, int column, double value, out int row)
        {
            var isNew = false;
            if (_ticks.Count > 0 && _ticks[^1] == ticks) row = _ticks.Count - 1;
            else if (!_rowOf.TryGetValue(ticks, out row))
            {
                isNew = true;
                row = _ticks.Count;
                _ticks.Add(ticks);
                _rowOf.Add(ticks, row);
            }
            while (_lastTicks.Count <= column) _lastTicks.Add(long.MinValue);
            _lastTicks[column] = ticks;
            _cells.Add((row, column, value));
            return isNew;
        }

        /// <summary>Hands out the cells since the last time.</summary>
        public AssetRows Take(IReadOnlyList<string> metrics)
        {
            var rows = Pivot(metrics, out _);
            _rowOf.Clear();
            _ticks.Clear();
            _cells.Clear();
            return rows;
        }

        public AssetRows Pivot(IReadOnlyList<string> metrics, out int[] sortedRowOf)
        {
            var ticks = _ticks.ToArray();
            var arrival = Enumerable.Range(0, ticks.Length).ToArray();
            Array.Sort(ticks, arrival);
            sortedRowOf = new int[ticks.Length];
            for (var i = 0; i < arrival.Length; i++) sortedRowOf[arrival[i]] = i;
            var values = new double[ticks.Length * metrics.Count];
            Array.Fill(values, double.NaN);
            foreach (var (row, column, value) in _cells) values[sortedRowOf[row] * metrics.Count + column] = value;
            return new AssetRows(name, metrics, ticks, values);
        }
    }
}
