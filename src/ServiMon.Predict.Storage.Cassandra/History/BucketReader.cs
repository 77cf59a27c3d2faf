using Cassandra;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>The columns that a reader wants of one part.</summary>
/// <param name="Places">For each selected column the places in a row that it goes to.</param>
internal sealed record PartColumns(int Part, string Select, int[][] Places)
{
    /// <summary>The parts to read for some metrics; the first always, because it tells which times there are.</summary>
    /// <param name="metrics">Names in the order wanted; unknown ones stay missing.</param>
    /// <param name="known">All names by number.</param>
    public static PartColumns[] For(IReadOnlyList<string> metrics, IReadOnlyList<string> known)
    {
        var wanted = Enumerable.Range(0, known.Count)
            .Select(number => (Number: number, Places: Enumerable.Range(0, metrics.Count).Where(c => metrics[c] == known[number]).ToArray()))
            .Where(w => w.Places.Length > 0).ToList();
        return [.. wanted.Select(w => w.Number / MetricColumns.Width).Append(0).Distinct().Order().Select(part =>
        {
            var columns = wanted.Where(w => w.Number / MetricColumns.Width == part).ToList();
            var names = string.Concat(columns.Select(c => FormattableString.Invariant($", v{c.Number % MetricColumns.Width}")));
            return new PartColumns(part,
                $"SELECT ticks{names} FROM history WHERE profile = ? AND asset = ? AND bucket = ? AND part = ? AND ticks >= ? AND ticks < ?",
                [.. columns.Select(c => c.Places)]);
        })];
    }
}

/// <summary>Reads one bucket of an asset; its first pages are on their way from the moment this is made.</summary>
internal sealed class BucketReader
{
    private readonly PartColumns[] _parts;
    private readonly IAsyncEnumerable<RowSet>[] _pages;

    public BucketReader(CqlSession session, string profile, string asset, int bucket, long from, long to, PartColumns[] parts, CancellationToken ct)
    {
        Asset = asset;
        _parts = parts;
        _pages = [.. parts.Select(p => session.PagesAsync(Traffic.HistoryRead, ct, p.Select, profile, asset, bucket, p.Part, from, to))];
    }

    public string Asset { get; }

    /// <summary>Puts the rows into pieces, in ascending time; gives each piece that is full.</summary>
    public async IAsyncEnumerable<Series.AssetRows> ReadAsync(RowPieces pieces)
    {
        var others = new PartCursor[_parts.Length - 1];
        for (var p = 1; p < _parts.Length; p++) others[p - 1] = new PartCursor(_pages[p]);
        try
        {
            await foreach (var page in _pages[0].ConfigureAwait(false))
                foreach (var row in page)
                {
                    var ticks = row.GetValue<long>(0);
                    var into = pieces.Add(ticks);
                    Copy(row, _parts[0].Places, into);
                    for (var p = 0; p < others.Length; p++)
                        if (await others[p].FindAsync(ticks).ConfigureAwait(false) is { } more) Copy(more, _parts[p + 1].Places, into);
                    if (pieces.IsFull) yield return pieces.Build();
                }
        }
        finally
        {
            foreach (var other in others) await other.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Copy(Row row, int[][] places, ArraySegment<double> into)
    {
        for (var c = 0; c < places.Length; c++)
        {
            // The first column is the time.
            if (row[c + 1] is not double value) continue;
            foreach (var place in places[c]) into[place] = value;
        }
    }

    /// <summary>Goes through a part that has no row for some times.</summary>
    private sealed class PartCursor(IAsyncEnumerable<RowSet> pages) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<RowSet> _pages = pages.GetAsyncEnumerator();
        private IEnumerator<Row>? _rows;
        private Row? _row;
        private bool _isDone;

        public async ValueTask<Row?> FindAsync(long ticks)
        {
            while (!_isDone && (_row is null || _row.GetValue<long>(0) < ticks))
            {
                if (_rows is not null && _rows.MoveNext()) _row = _rows.Current;
                else if (await _pages.MoveNextAsync().ConfigureAwait(false)) _rows = _pages.Current.GetEnumerator();
                else _isDone = true;
            }
            return !_isDone && _row!.GetValue<long>(0) == ticks ? _row : null;
        }

        public ValueTask DisposeAsync() => _pages.DisposeAsync();
    }
}
