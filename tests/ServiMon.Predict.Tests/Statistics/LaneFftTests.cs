using System.Runtime.Intrinsics;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class LaneFftTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(512)]
    public void It_is_the_transform_up_to_the_order(int count)
    {
        var (real, imaginary) = Noise(count, 1);
        Vector512<double>[] re = [.. real], im = [.. imaginary];
        new LaneFft(count).Forward(re, im);
        for (var f = 0; f < count; f++)
        {
            Vector512<double> sumRe = default, sumIm = default;
            for (var t = 0; t < count; t++)
            {
                var (s, c) = Math.SinCos(-2 * Math.PI * ((long)f * t % count) / count);
                sumRe += real[t] * c - imaginary[t] * s;
                sumIm += real[t] * s + imaginary[t] * c;
            }

            var at = DigitReversed(f, count);
            for (var lane = 0; lane < LaneFft.LaneCount; lane++)
            {
                // Sums of count terms of order 1, each rounded once or twice.
                Assert.Equal(sumRe[lane], re[at][lane], 1e-13 * count);
                Assert.Equal(sumIm[lane], im[at][lane], 1e-13 * count);
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(32)]
    [InlineData(4096)]
    [InlineData(8192)]
    [InlineData(65536)]
    public void Backward_takes_forward_back(int count)
    {
        var (real, imaginary) = Noise(count, 2);
        Vector512<double>[] re = [.. real], im = [.. imaginary];
        var fft = new LaneFft(count);
        fft.Forward(re, im);
        fft.Backward(re, im);
        for (var t = 0; t < count; t++)
            for (var lane = 0; lane < LaneFft.LaneCount; lane++)
            {
                Assert.Equal(real[t][lane], re[t][lane] / count, 1e-13);
                Assert.Equal(imaginary[t][lane], im[t][lane] / count, 1e-13);
            }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(24)]
    public void Other_lengths_are_refused(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => new LaneFft(count));

    [Fact]
    public void A_span_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => new LaneFft(8).Forward(new Vector512<double>[8], new Vector512<double>[4]));

    /// <summary>Radix 4 from the longest pass down, the last one 4 or 2.</summary>
    private static int DigitReversed(int frequency, int count)
    {
        var at = 0;
        for (var m = count; m > 1;)
        {
            var radix = m >= 4 ? 4 : 2;
            m /= radix;
            at += frequency % radix * m;
            frequency /= radix;
        }

        return at;
    }

    private static (Vector512<double>[] Real, Vector512<double>[] Imaginary) Noise(int count, int seed)
    {
        var random = new Random(seed);
        Vector512<double> Next() => Vector512.Create(Enumerable.Range(0, 8).Select(_ => random.NextDouble() - 0.5).ToArray());
        return ([.. Enumerable.Range(0, count).Select(_ => Next())], [.. Enumerable.Range(0, count).Select(_ => Next())]);
    }
}
