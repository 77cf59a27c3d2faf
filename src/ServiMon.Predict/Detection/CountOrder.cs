namespace ServiMon.Predict.Detection;

/// <summary>In which order the counts of histograms of few lanes stand: row after row of one histogram, then those of the next.</summary>
internal sealed class CountOrder
{
    /// <summary>Counts that are taken together.</summary>
    public const int Chunk = 16;

    /// <param name="laneCount">Lanes side by side in a row.</param>
    /// <param name="apart">From one histogram's first lane to the next one's, in a vector of sixteen.</param>
    /// <param name="rowCounts">Rows of each histogram.</param>
    public CountOrder(int laneCount, int apart, int[] rowCounts)
    {
        var counts = rowCounts.SelectMany((rows, histogram) => Enumerable.Range(0, rows * laneCount)
            .Select(i => (Lane: (sbyte)(histogram * apart + i % laneCount), Row: (sbyte)(i / laneCount)))).ToList();
        while (counts.Count % Chunk != 0) counts.Add((0, sbyte.MaxValue));
        Count = counts.Count;
        (Lane, Row) = ([.. counts.Select(c => c.Lane)], [.. counts.Select(c => c.Row)]);
    }

    /// <summary>Counts, a whole number of <see cref="Chunk"/>.</summary>
    public int Count { get; }

    /// <summary>The lane of each count, among all of all histograms.</summary>
    public sbyte[] Lane { get; }

    /// <summary>The row of each count; of what stands beyond them, up to a whole vector, one that is never reached.</summary>
    public sbyte[] Row { get; }
}
