namespace ServiMon.Predict.Storage.Embedded;

/// <summary>
/// The blocks of one asset inside a write transaction. They never overlap in time. Small appends lie as small blocks in a tail
/// that is put together when it has grown; rows that fall among earlier ones rewrite the blocks that they touch.
/// </summary>
internal sealed class AssetBlocks(Session session, string where, long profile, string asset)
{
    /// <summary>Most rows in a block: at 20 metrics 0.7 MB, where longer columns no longer compress better.</summary>
    public const int BlockRows = 4096;

    /// <summary>Rows from which the tail is one block for good.</summary>
    private const int SealedRows = 512;

    /// <summary>Most small blocks in the tail: bounds the blocks that a read has to open and how often a row is written again.</summary>
    private const int TailBlocks = 128;

    private readonly record struct Extent(long Id, long First, long Last, long RowCount, long TailFirst, long TailRows, long TailBlocks);

    public AppendCount Append(BlockRows rows)
    {
        var extent = Find() ?? Create(rows);
        var before = extent.RowCount;
        extent = before == 0 || rows.Ticks[0] > extent.Last ? AppendAfter(extent, rows) : Scatter(extent, rows);
        session.Execute(
            "UPDATE asset SET first = $2, last = $3, row_count = $4, tail_first = $5, tail_rows = $6, tail_blocks = $7 WHERE id = $1",
            extent.Id, Math.Min(extent.First, rows.Ticks[0]), Math.Max(extent.Last, rows.Ticks[^1]), extent.RowCount,
            extent.TailFirst, extent.TailRows, extent.TailBlocks);
        var added = extent.RowCount - before;
        return new AppendCount(added, rows.Count - added);
    }

    /// <summary>Removes rows before a time.</summary>
    public long DeleteBefore(long cutoff)
    {
        if (Find() is not { } extent || extent.First >= cutoff) return 0;
        var kept = extent.RowCount;
        kept -= session.Count("SELECT sum(row_count) FROM block WHERE asset = $1 AND last < $2", extent.Id, cutoff);
        session.Execute("DELETE FROM block WHERE asset = $1 AND last < $2", extent.Id, cutoff);
        foreach (var (id, block) in Load(extent.Id, cutoff, cutoff))
        {
            var start = LowerBound(block.Ticks, cutoff);
            if (start == 0) continue;
            session.Execute("DELETE FROM block WHERE id = $1", id);
            Insert(extent.Id, block.Slice(start, block.Count - start));
            kept -= start;
        }
        if (kept == 0)
        {
            session.Execute("DELETE FROM asset WHERE id = $1", extent.Id);
            return extent.RowCount;
        }
        session.Execute(
            """
            UPDATE asset SET row_count = $2, first = (SELECT min(first) FROM block WHERE asset = $1),
                tail_rows = (SELECT coalesce(sum(row_count), 0) FROM block WHERE asset = $1 AND first >= tail_first),
                tail_blocks = (SELECT count(*) FROM block WHERE asset = $1 AND first >= tail_first)
            WHERE id = $1
            """, extent.Id, kept);
        return extent.RowCount - kept;
    }

    private Extent? Find()
    {
        using var reader = session.Query(
            "SELECT id, first, last, row_count, tail_first, tail_rows, tail_blocks FROM asset WHERE profile = $1 AND name = $2", profile, asset);
        return !reader.Read() ? null : new Extent(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
    }

    private Extent Create(BlockRows rows)
    {
        session.Execute(
            "INSERT INTO asset (profile, name, first, last, row_count, tail_first, tail_rows, tail_blocks) VALUES ($1, $2, $3, $4, 0, $5, 0, 0)",
            profile, asset, rows.Ticks[0], rows.Ticks[^1], long.MaxValue);
        return Find()!.Value;
    }

    private Extent AppendAfter(Extent extent, BlockRows rows)
    {
        if (rows.Count < SealedRows) return AppendToTail(extent, rows);
        Insert(extent.Id, rows);
        return WithoutTail(extent) with { RowCount = extent.RowCount + rows.Count };
    }

    /// <summary>Takes rows that do not all come after the others to the blocks that they fall into, and to the gaps between them.</summary>
    private Extent Scatter(Extent extent, BlockRows rows)
    {
        var places = session.List(r => (First: r.GetInt64(0), Last: r.GetInt64(1)),
            "SELECT first, last FROM block WHERE asset = $1 AND first <= $3 AND last >= $2 AND first < $4 ORDER BY first",
            extent.Id, rows.Ticks[0], rows.Ticks[^1], extent.TailFirst);
        if (rows.Ticks[^1] >= extent.TailFirst) places.Add((extent.TailFirst, long.MaxValue));
        var start = 0;
        foreach (var (first, last) in places)
        {
            var inside = LowerBound(rows.Ticks, first);
            if (inside > start) extent = FillGap(extent, rows.Slice(start, inside - start));
            start = last == long.MaxValue ? rows.Count : LowerBound(rows.Ticks, last + 1);
            if (start > inside) extent = Rewrite(extent, rows.Slice(inside, start - inside), first, last);
        }
        if (start == rows.Count) return extent;
        var rest = rows.Slice(start, rows.Count - start);
        return rest.Ticks[0] > extent.Last ? AppendAfter(extent, rest) : FillGap(extent, rest);
    }

    /// <summary>Rows where there are none: with the block before when both are small, so that filling a gap bit by bit leaves no crumbs.</summary>
    private Extent FillGap(Extent extent, BlockRows rows)
    {
        var before = session.List(r => (First: r.GetInt64(0), Last: r.GetInt64(1), RowCount: r.GetInt64(2)),
            "SELECT first, last, row_count FROM block WHERE asset = $1 AND first < $2 ORDER BY first DESC LIMIT 1", extent.Id, rows.Ticks[0]);
        if (before.Count > 0 && before[0].RowCount + rows.Count <= SealedRows) return Rewrite(extent, rows, before[0].First, before[0].Last);
        Insert(extent.Id, rows);
        return extent with { RowCount = extent.RowCount + rows.Count };
    }

    private Extent Rewrite(Extent extent, BlockRows rows, long first, long last)
    {
        var old = Load(extent.Id, first, last);
        var oldRows = old.Sum(b => (long)b.Rows.Count);
        var merged = BlockMerge.Merge([.. old.Select(b => b.Rows), rows]);
        foreach (var (id, _) in old) session.Execute("DELETE FROM block WHERE id = $1", id);
        Insert(extent.Id, merged);
        extent = extent with { RowCount = extent.RowCount - oldRows + merged.Count };
        if (first < extent.TailFirst) return extent;
        return merged.Count >= SealedRows ? WithoutTail(extent) : extent with { TailFirst = merged.Ticks[0], TailRows = merged.Count, TailBlocks = 1 };
    }

    private Extent AppendToTail(Extent extent, BlockRows rows)
    {
        var tail = extent with
        {
            RowCount = extent.RowCount + rows.Count,
            TailFirst = Math.Min(extent.TailFirst, rows.Ticks[0]),
            TailRows = extent.TailRows + rows.Count,
            TailBlocks = extent.TailBlocks + 1,
        };
        if (tail.TailRows < SealedRows && tail.TailBlocks < TailBlocks)
        {
            Insert(extent.Id, rows);
            return tail;
        }
        var old = Load(extent.Id, extent.TailFirst, long.MaxValue);
        foreach (var (id, _) in old) session.Execute("DELETE FROM block WHERE id = $1", id);
        Insert(extent.Id, BlockMerge.Merge([.. old.Select(b => b.Rows), rows]));
        return tail.TailRows >= SealedRows ? WithoutTail(tail) : tail with { TailBlocks = 1 };
    }

    private static Extent WithoutTail(Extent extent) => extent with { TailFirst = long.MaxValue, TailRows = 0, TailBlocks = 0 };

    private static int LowerBound(long[] ticks, long value)
    {
        var index = Array.BinarySearch(ticks, value);
        return index >= 0 ? index : ~index;
    }

    private List<(long Id, BlockRows Rows)> Load(long assetId, long from, long to)
    {
        using var reader = session.Query(
            "SELECT id, first, last, body FROM block WHERE asset = $1 AND first <= $3 AND last >= $2 ORDER BY first", assetId, from, to);
        var blocks = new List<(long, BlockRows)>();
        while (reader.Read())
            blocks.Add((reader.GetInt64(0), Decode(where, asset, assetId, reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3))));
        return blocks;
    }

    private void Insert(long assetId, BlockRows rows)
    {
        for (var start = 0; start < rows.Count; start += BlockRows)
        {
            var part = rows.Count <= BlockRows ? rows : rows.Slice(start, Math.Min(BlockRows, rows.Count - start));
            session.Execute("INSERT INTO block (asset, first, last, row_count, body) VALUES ($1, $2, $3, $4, $5)",
                assetId, part.Ticks[0], part.Ticks[^1], part.Count, HistoryBlock.Encode(assetId, part));
        }
    }

    internal static BlockRows Decode(string where, string asset, long assetId, long first, long last, byte[] body)
    {
        try
        {
            return HistoryBlock.Decode(assetId, body);
        }
        catch (InvalidDataException e)
        {
            throw new StoreException(StoreFault.Damaged,
                $"{where}: the block of asset '{asset}' from {Csv.CsvTime.Text(first)} to {Csv.CsvTime.Text(last)} is damaged: {e.Message}", e);
        }
    }
}
