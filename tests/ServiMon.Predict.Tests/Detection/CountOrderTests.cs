using System.Runtime.Intrinsics;
using CsCheck;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Counting in all histograms of a block at once, against one by one.</summary>
public class CountOrderTests
{
    private const int Histograms = 2;

    private const int Apart = 8;

    private static readonly int[] RowCounts = [23, 19];

    [Fact]
    public void Every_value_is_counted_in_the_rows_below_its_own_and_nothing_else_is_touched() =>
        Gen.Select(Gen.Int[1, Apart], Gen.Int[-1, 19].Array[Histograms * Apart]).Sample((lanes, bins) =>
        {
            var total = RowCounts.Sum() * lanes;
            // What stands beyond is written as it was.
            var counts = Enumerable.Range(0, total + CountOrder.Chunk).Select(i => (ushort)(1000 + i)).ToArray();
            var expected = (ushort[])counts.Clone();
            var first = 0;
            for (var histogram = 0; histogram < Histograms; first += RowCounts[histogram++] * lanes)
                for (var lane = 0; lane < lanes; lane++)
                    for (var row = 0; row < bins[histogram * Apart + lane]; row++) expected[first + row * lanes + lane]++;
            LaneHistogram.Learn(ref counts[0], new CountOrder(lanes, Apart, RowCounts), Vector128.Create([.. bins.Select(b => (sbyte)b)]));
            Assert.Equal(expected, counts);
        }, seed: "0000KOXqXEe9", iter: 500, threads: 1);
}
