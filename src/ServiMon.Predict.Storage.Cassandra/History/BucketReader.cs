using Cassandra;
using ServiMon.Predict.Series;
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

/// <summary>What to read of one asset's bucket.</summary>
/// <param name="From">First tick, inclusive; <paramref name="To"/> exclusive.</param>
/// <param name="RowCount">Rows that there have to be, as far as is known; 0 for unknown.</param>
internal readonly record struct BucketPlace(string Profile, string Asset, int Bucket, long From, long To, long RowCount);

/// <summary>Reads one bucket of an asset; its first pages are on their way from the moment this is made.</summary>
internal sealed class BucketReader
{
    private readonly CqlSession _session;
    private readonly BucketPlace _place;
    private readonly PartColumns[] _parts;
    private readonly StrictReading _strict;
    private readonly Traffic _traffic;
    private readonly IAsyncEnumerable<RowSet>[] _pages;
    private readonly CancellationToken _stop;

    public BucketReader(CqlSession session, BucketPlace place, PartColumns[] parts, StrictReading strict, CancellationToken ct)
    {
        (_session, _place, _parts, _strict, _stop) = (session, place, parts, strict, ct);
        _traffic = strict.IsOn ? Traffic.HistoryWrite : Traffic.HistoryRead;
        _pages = Ask(_traffic);
    }

    public string Asset => _place.Asset;

    /// <summary>All rows in ascending time, or null: memory for one bucket.</summary>
    public async Task<AssetRows?> ReadAsync(IReadOnlyList<string> metrics)
    {
        var rows = await GatherAsync(_pages, metrics).ConfigureAwait(false);
        if (_traffic == Traffic.HistoryWrite || (rows?.Count ?? 0) >= _place.RowCount) return rows;
        // A server that was down lacks what the others have until they have told it. Rows that have expired are missed by all of them.
        var again = await GatherAsync(Ask(Traffic.HistoryWrite), metrics).ConfigureAwait(false);
        _strict.Reread(hasFoundMore: again?.Count > (rows?.Count ?? 0));
        return again;
    }

    private IAsyncEnumerable<RowSet>[] Ask(Traffic traffic) =>
        [.. _parts.Select(p => _session.PagesAsync(traffic, _stop, p.Select, _place.Profile, _place.Asset, _place.Bucket, p.Part, _place.From, _place.To))];

    private async Task<AssetRows?> GatherAsync(IAsyncEnumerable<RowSet>[] pages, IReadOnlyList<string> metrics)
    {
        var rows = new RowPieces(_place.Asset, metrics, int.MaxValue);
        var others = new PartCursor[_parts.Length - 1];
        for (var p = 1; p < _parts.Length; p++) others[p - 1] = new PartCursor(pages[p]);
        try
        {
            await foreach (var page in pages[0].ConfigureAwait(false))
                foreach (var row in page)
                {
                    var ticks = row.GetValue<long>(0);
                    var into = rows.Add(ticks);
                    Copy(row, _parts[0].Places, into);
                    for (var p = 0; p < others.Length; p++)
                        if (await others[p].FindAsync(ticks).ConfigureAwait(false) is { } more) Copy(more, _parts[p + 1].Places, into);
                }
        }
        finally
        {
            foreach (var other in others) await other.DisposeAsync().ConfigureAwait(false);
        }
        return rows.Rest();
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
