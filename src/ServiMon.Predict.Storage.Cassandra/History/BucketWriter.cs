using Cassandra;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>Rows [From, To) of an asset, which fall into one bucket.</summary>
internal sealed record BucketRows(AssetRows Rows, int[] Numbers, int Bucket, int From, int To)
{
    public long First => Rows.Ticks[From];

    public long Last => Rows.Ticks[To - 1];

    public int Count => To - From;
}

/// <summary>Writes rows of one bucket. One call at a time writes to a bucket; the calls of other processes are not seen in the counts.</summary>
internal sealed class BucketWriter(CqlSession session, Extents extents)
{
    private static readonly string[] Inserts = [.. Enumerable.Range(0, MetricColumns.Width + 1).Select(Insert)];

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 512).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<AppendCount> WriteAsync(string profile, BucketRows rows, CancellationToken ct)
    {
        var asset = rows.Rows.Asset;
        var gate = _gates[(uint)HashCode.Combine(profile, asset, rows.Bucket) % (uint)_gates.Length];
        await gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var extent = await extents.FindAsync(profile, asset, rows.Bucket, ct).ConfigureAwait(false);
            // Rows after all others are new; the others have to be looked for.
            var replaced = extent is null || rows.First > extent.Value.Last ? 0 : await CountThereAsync(profile, rows, ct).ConfigureAwait(false);
            await WriteRowsAsync(profile, rows, ct).ConfigureAwait(false);
            var before = extent ?? new Extent(rows.Bucket, long.MaxValue, long.MinValue, 0);
            await extents.PutAsync(profile, asset, new Extent(
                rows.Bucket, Math.Min(before.First, rows.First), Math.Max(before.Last, rows.Last), before.RowCount + rows.Count - replaced), ct).ConfigureAwait(false);
            return new AppendCount(rows.Count - replaced, replaced);
        }
        catch
        {
            extents.Forget(profile, asset, rows.Bucket);
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>How many of the times have a row.</summary>
    private async Task<int> CountThereAsync(string profile, BucketRows rows, CancellationToken ct)
    {
        var wanted = rows.Rows.Ticks.AsMemory(rows.From, rows.Count);
        var count = 0;
        await foreach (var row in session.StreamAsync(Traffic.HistoryWrite, ct,
            "SELECT ticks FROM history WHERE profile = ? AND asset = ? AND bucket = ? AND part = 0 AND ticks >= ? AND ticks <= ?",
            profile, rows.Rows.Asset, rows.Bucket, rows.First, rows.Last).ConfigureAwait(false))
            if (wanted.Span.BinarySearch(row.GetValue<long>(0)) >= 0) count++;
        return count;
    }

    private async Task WriteRowsAsync(string profile, BucketRows rows, CancellationToken ct)
    {
        var parts = Parts(rows.Numbers);
        var statements = new PreparedStatement[parts.Length];
        for (var p = 0; p < parts.Length; p++) statements[p] = await session.PrepareAsync(Inserts[parts[p].Width], ct).ConfigureAwait(false);
        var batch = new List<BoundStatement>();
        for (var i = rows.From; i < rows.To; i++)
        {
            for (var p = 0; p < parts.Length; p++)
                if (Bind(profile, rows, i, parts[p], statements[p]) is { } bound) batch.Add(bound);
            if ((i - rows.From + 1) % session.Options.BatchRows != 0 && i + 1 < rows.To) continue;
            await session.ExecuteTogetherAsync(Traffic.HistoryWrite, batch, ct).ConfigureAwait(false);
            batch.Clear();
        }
    }

    /// <summary>Null for a part other than the first in which the row has no value.</summary>
    private static BoundStatement? Bind(string profile, BucketRows rows, int row, Part part, PreparedStatement statement)
    {
        var values = new object[KeyColumns + part.Width];
        (values[0], values[1], values[2], values[3], values[4]) = (profile, rows.Rows.Asset, rows.Bucket, part.Number, rows.Rows.Ticks[row]);
        Array.Fill(values, Unset.Value, KeyColumns, part.Width);
        var from = rows.Rows.Row(row);
        var isEmpty = true;
        foreach (var (source, column) in part.Columns)
            if (from[source] is var value && !double.IsNaN(value))
            {
                values[KeyColumns + column] = value;
                isEmpty = false;
            }
        return isEmpty && part.Number > 0 ? null : statement.Bind(values);
    }

    private const int KeyColumns = 5;

    /// <param name="Width">Columns of the part up to the last that is written.</param>
    /// <param name="Columns">Which entry of a row goes to which column.</param>
    private sealed record Part(int Number, int Width, (int Source, int Column)[] Columns);

    /// <summary>The first part always, the others as there are metrics.</summary>
    private static Part[] Parts(int[] numbers)
    {
        var parts = numbers.Select((number, source) => (Part: number / MetricColumns.Width, Source: source, Column: number % MetricColumns.Width))
            .GroupBy(c => c.Part)
            .Select(g => new Part(g.Key, g.Max(c => c.Column) + 1, [.. g.Select(c => (c.Source, c.Column))])).ToList();
        if (parts.All(p => p.Number != 0)) parts.Add(new Part(0, 0, []));
        return [.. parts.OrderBy(p => p.Number)];
    }

    private static string Insert(int width)
    {
        var columns = string.Concat(Enumerable.Range(0, width).Select(i => FormattableString.Invariant($", v{i}")));
        return $"INSERT INTO history (profile, asset, bucket, part, ticks{columns}) VALUES (?, ?, ?, ?, ?{string.Concat(Enumerable.Repeat(", ?", width))})";
    }
}
