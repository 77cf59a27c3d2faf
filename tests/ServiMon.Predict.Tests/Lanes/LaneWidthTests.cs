using CsCheck;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Tests.Lanes;

/// <summary>Every width reads and writes its own lanes and no others, and gives the bits of any other width.</summary>
public class LaneWidthTests
{
    private const int Most = 16;

    /// <summary>What lies before and after the lanes.</summary>
    private const int Around = 17;

    [Theory]
    [InlineData(1, "1")]
    [InlineData(7, "7")]
    [InlineData(16, "16")]
    [InlineData(20, "16 4")]
    [InlineData(47, "16 16 15")]
    public void Lanes_fall_into_sixteens_and_what_is_left(int count, string widths)
    {
        var visited = new Visited([]);
        LaneBlocks.Each(count, Most, ref visited);
        Assert.Equal(widths, string.Join(' ', visited.Widths.Select(v => v.Width)));
        Assert.Equal(visited.Widths.Take(visited.Widths.Count - 1).Sum(v => v.Width), visited.Widths[^1].Lane);
    }

    [Fact]
    public void A_block_reads_and_writes_its_own_lanes_alone()
    {
        for (var width = 1; width <= Most; width++)
        {
            var copying = new Copying(width);
            LaneBlocks.Visit(width, 0, ref copying);
            for (var i = 0; i < width + 2 * Around; i++)
            {
                var inside = i >= Around && i < Around + width;
                Assert.Equal(inside ? copying.Floats[i] : -1, copying.FloatsTo[i]);
                Assert.Equal(inside ? copying.Shorts[i] : (ushort)7, copying.ShortsTo[i]);
                Assert.Equal(inside ? copying.Bytes[i] : (byte)7, copying.BytesTo[i]);
            }
        }
    }

    [Fact]
    public void Vectors_of_four_and_of_sixteen_give_the_same_bits() =>
        Gen.Select(Gen.OneOf(Gen.Float[-10, 10], Gen.Float), Gen.OneOf(Gen.Float[0, 10], Gen.Float)).Sample((a, b) =>
        {
            var few = Results(Floats4.Create(a), Floats4.Create(b));
            var many = Results(Floats16.Create(a), Floats16.Create(b));
            for (var i = 0; i < few.Length; i++)
                for (var lane = 0; lane < Most; lane++)
                    Assert.Equal(BitConverter.SingleToInt32Bits(few[i][lane % 4]), BitConverter.SingleToInt32Bits(many[i][lane]));
        });

    [Fact]
    public void Upper_halves_are_rounded_to_nearest() => Gen.Float[0, 1e37f].Sample(value =>
    {
        if (value < 1e-30f) return;
        Assert.Equal(1, Floats4.OfHalves(Floats4.ToHalves(Floats4.Create(value)))[0] / value, 0.004);
        Assert.Equal(Floats4.OfHalves(Floats4.ToHalves(Floats4.Create(value)))[0], Floats16.OfHalves(Floats16.ToHalves(Floats16.Create(value)))[9]);
    });

    private static TVector[] Results<TVector>(TVector a, TVector b) where TVector : struct, ILaneVector<TVector> =>
    [
        a + b, a - b, a * b, a / b, -a, TVector.Abs(a), TVector.Sqrt(b), TVector.Floor(a), TVector.Log(b), TVector.Log2(b), TVector.Exp(a),
        TVector.MinNative(a, b), TVector.MaxNative(a, b), TVector.CopySign(b, a), TVector.GreaterThan(a, b) & a, TVector.AndNot(a, TVector.LessThan(a, b)),
        TVector.ConditionalSelect(TVector.LessThanOrEqual(a, b), a, b), TVector.GreaterThanOrEqual(a, b) | TVector.Equals(a, b), ~a, a * 3, 3 * a,
    ];

    private readonly struct Visited(List<(int Lane, int Width)> widths) : IBlockVisitor
    {
        public List<(int Lane, int Width)> Widths { get; } = widths;

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
            Widths.Add((lane, TWidth.Count));
    }

    /// <summary>Copies the lanes in the middle of numbers to the middle of others.</summary>
    private readonly struct Copying(int width) : IBlockVisitor
    {
        public float[] Floats { get; } = [.. Enumerable.Range(0, width + 2 * Around).Select(i => i + 0.5f)];

        public float[] FloatsTo { get; } = [.. Enumerable.Repeat(-1f, width + 2 * Around)];

        public ushort[] Shorts { get; } = [.. Enumerable.Range(0, width + 2 * Around).Select(i => (ushort)(1000 + i))];

        public ushort[] ShortsTo { get; } = [.. Enumerable.Repeat((ushort)7, width + 2 * Around)];

        public byte[] Bytes { get; } = [.. Enumerable.Range(0, width + 2 * Around).Select(i => (byte)(100 + i))];

        public byte[] BytesTo { get; } = [.. Enumerable.Repeat((byte)7, width + 2 * Around)];

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
        {
            TWidth.Store(TWidth.Load(ref Floats[Around]), ref FloatsTo[Around]);
            TWidth.Store(TWidth.Load(ref Shorts[Around]), ref ShortsTo[Around]);
            TWidth.Store(TVector.ToBytes(TVector.OfBytes(TWidth.Load(ref Bytes[Around]))), ref BytesTo[Around]);
        }
    }
}
