using System.Runtime.InteropServices;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>Puts rows of one asset together in time order; where two have the same time, the later write's values win.</summary>
internal static class BlockMerge
{
    /// <summary>Columns of rows that come row by row; every NaN becomes the one that means missing.</summary>
    public static BlockRows FromRows(AssetRows rows, int[] metricIds)
    {
        int n = rows.Count, k = metricIds.Length;
        var columns = new double[n * k];
        for (var i = 0; i < n; i++)
        {
            var row = rows.Row(i);
            for (var c = 0; c < row.Length; c++) columns[c * n + i] = double.IsNaN(row[c]) ? double.NaN : row[c];
        }
        return new BlockRows(metricIds, rows.Ticks, columns);
    }

    /// <param name="parts">In the order of their writing.</param>
    public static BlockRows Merge(IReadOnlyList<BlockRows> parts)
    {
        var metricIds = parts.SelectMany(p => p.MetricIds).Distinct().Order().ToArray();
        var all = new long[parts.Sum(p => p.Count)];
        var filled = 0;
        foreach (var part in parts)
        {
            part.Ticks.CopyTo(all, filled);
            filled += part.Count;
        }
        Array.Sort(all);
        var count = Distinct(all);
        var ticks = all[..count];
        var columns = new double[metricIds.Length * count];
        Array.Fill(columns, double.NaN);
        foreach (var part in parts)
        {
            var rowOf = Places(part.Ticks, ticks);
            for (var c = 0; c < part.MetricIds.Length; c++)
            {
                var target = columns.AsSpan(Array.BinarySearch(metricIds, part.MetricIds[c]) * count, count);
                var source = part.Column(c);
                for (var i = 0; i < source.Length; i++)
                    if (!double.IsNaN(source[i])) target[rowOf[i]] = source[i];
            }
        }
        return new BlockRows(metricIds, ticks, columns);
    }

    private static int Distinct(long[] sorted)
    {
        var count = 0;
        foreach (var tick in sorted)
            if (count == 0 || sorted[count - 1] != tick) sorted[count++] = tick;
        return count;
    }

    private static int[] Places(long[] ticks, long[] among)
    {
        var places = new int[ticks.Length];
        var at = 0;
        for (var i = 0; i < ticks.Length; i++)
        {
            while (among[at] < ticks[i]) at++;
            places[i] = at;
        }
        return places;
    }
}

/// <summary>Gathers the wanted rows and columns of blocks into pieces of a set size.</summary>
internal sealed class PieceBuilder(string asset, IReadOnlyList<string> metrics, IReadOnlyDictionary<int, int[]> columnsOf, int pieceRows)
{
    private readonly List<long> _ticks = [];
    private readonly List<double> _values = [];

    /// <summary>Adds the rows of a block within [from, to); gives each piece that is full.</summary>
    public IEnumerable<AssetRows> Add(BlockRows block, long from, long to)
    {
        var start = LowerBound(block.Ticks, from);
        var end = LowerBound(block.Ticks, to);
        while (start < end)
        {
            var take = Math.Min(end - start, pieceRows - _ticks.Count);
            Take(block, start, take);
            start += take;
            if (_ticks.Count == pieceRows) yield return Build();
        }
    }

    /// <summary>What is left, or null.</summary>
    public AssetRows? Rest() => _ticks.Count > 0 ? Build() : null;

    private void Take(BlockRows block, int start, int count)
    {
        var k = metrics.Count;
        var offset = _values.Count;
        _ticks.AddRange(block.Ticks.AsSpan(start, count));
        CollectionsMarshal.SetCount(_values, offset + count * k);
        var target = CollectionsMarshal.AsSpan(_values)[offset..];
        target.Fill(double.NaN);
        for (var c = 0; c < block.MetricIds.Length; c++)
        {
            if (!columnsOf.TryGetValue(block.MetricIds[c], out var places)) continue;
            var source = block.Column(c).Slice(start, count);
            foreach (var place in places)
                for (int i = 0, at = place; i < source.Length; i++, at += k) target[at] = source[i];
        }
    }

    private AssetRows Build()
    {
        var piece = new AssetRows(asset, metrics, [.. _ticks], [.. _values]);
        _ticks.Clear();
        _values.Clear();
        return piece;
    }

    private static int LowerBound(long[] ticks, long value)
    {
        var index = Array.BinarySearch(ticks, value);
        return index >= 0 ? index : ~index;
    }
}
