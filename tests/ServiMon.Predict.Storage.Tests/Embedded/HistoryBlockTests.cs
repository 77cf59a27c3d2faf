using CsCheck;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Storage.Tests.Embedded;

public class HistoryBlockTests
{
    private static readonly Gen<BlockRows> Blocks =
        from k in Gen.Int[0, 5]
        from steps in Gen.OneOf(Gen.Const(600_000_000L), Gen.Long[1, 1L << 40]).Array[1, 300]
        from values in Gen.OneOf(Gen.Double, Gen.Const(double.NaN), Gen.Int[0, 9].Select(i => i / 10.0)).Array[k * steps.Length]
        select new BlockRows([.. Enumerable.Range(3, k)], Ascending(steps), values);

    [Fact]
    public void Every_block_decodes_to_the_same_bits() => Blocks.Sample(block =>
    {
        var read = HistoryBlock.Decode(42, HistoryBlock.Encode(42, block));
        Assert.Equal(block.MetricIds, read.MetricIds);
        Assert.Equal(block.Ticks, read.Ticks);
        Assert.Equal(block.Columns.Select(BitConverter.DoubleToInt64Bits), read.Columns.Select(BitConverter.DoubleToInt64Bits));
    }, iter: 500);

    [Fact]
    public void Every_changed_bit_and_every_cut_is_noticed()
    {
        var body = HistoryBlock.Encode(42, new BlockRows([1], Ascending([.. Enumerable.Repeat(10L, 40)]), [.. Enumerable.Range(0, 40).Select(i => i * 0.1)]));
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            body[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<InvalidDataException>(() => HistoryBlock.Decode(42, body));
            body[bit / 8] ^= (byte)(1 << bit % 8);
        }
        for (var length = 0; length < body.Length; length++) Assert.Throws<InvalidDataException>(() => HistoryBlock.Decode(42, body.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => HistoryBlock.Decode(43, body));
        Assert.Equal(40, HistoryBlock.Decode(42, body).Count);
    }

    [Fact]
    public void Steady_times_and_constant_columns_take_next_to_nothing()
    {
        var columns = new double[20 * 4096];
        Array.Fill(columns, 3.25);
        var body = HistoryBlock.Encode(1, new BlockRows([.. Enumerable.Range(0, 20)], Ascending([.. Enumerable.Repeat(TimeSpan.TicksPerMinute, 4096)]), columns));
        Assert.InRange(body.Length, 100, 2000);
    }

    /// <summary>The bytes of version 1 as written down in docs/formats/embedded-store.md: stores of this version stay readable.</summary>
    [Fact]
    public void Version_1_stays_readable()
    {
        const string Written = "0100000002000000010000000700000064000000000000003200000000000000000000000000F83F000000000000F8FF8418360C";
        Assert.Equal(Written, Convert.ToHexString(HistoryBlock.Encode(9, new BlockRows([7], [100, 150], [1.5, double.NaN]))));
        var read = HistoryBlock.Decode(9, Convert.FromHexString(Written));
        Assert.Equal([100, 150], read.Ticks);
        Assert.Equal([1.5, double.NaN], read.Columns);
    }

    private static long[] Ascending(long[] steps)
    {
        var ticks = new long[steps.Length];
        long time = 0;
        for (var i = 0; i < steps.Length; i++) ticks[i] = time += steps[i];
        return ticks;
    }
}
