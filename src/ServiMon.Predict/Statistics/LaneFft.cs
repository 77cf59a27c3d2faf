using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// Discrete Fourier transforms of eight complex sequences at once, one in each lane of a vector, so that every butterfly is whole vectors
/// and one twiddle factor serves eight. Radix 4 with decimation in frequency one way and in time the other (Cooley and Tukey 1965; Gentleman
/// and Sande 1966): the spectrum stands in digit-reversed order, which a convolution never needs to undo. Sixteen real sequences take
/// one transform, eight as real and eight as imaginary parts: convolving with a real kernel keeps the two apart.
/// </summary>
/// <remarks>
/// The relative error is about 1e-16 log2(n) root mean square. No fused multiplications, so the bits do not depend on the processor.
/// Passes over parts that fit into the second-level cache are finished before the next part begins.
/// </remarks>
internal sealed class LaneFft
{
    /// <summary>Sequences side by side.</summary>
    public const int LaneCount = 8;

    /// <summary>Positions, of 128 bytes each, that fit in half a mebibyte of cache.</summary>
    private const int CachedCount = 4096;

    /// <summary>Per pass, from the longest: for k in 0 .. m/4 - 1 the real and imaginary parts of w^k, w^2k, w^3k with w = exp(-2 pi i / m).</summary>
    private readonly double[][] _twiddles;

    /// <param name="count">Length of a sequence: a power of two, at least 4.</param>
    public LaneFft(int count)
    {
        if (count < 4 || (count & (count - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(count), count, "a length must be a power of two of at least 4");
        Count = count;
        var twiddles = new List<double[]>();
        for (var m = count; m > 4; m /= 4) twiddles.Add(Twiddles(m));
        _twiddles = [.. twiddles];
    }

    public int Count { get; }

    /// <summary>
    /// X[f] = sum of x[t] exp(-2 pi i f t / n), in digit-reversed order, in place. With the two spans exchanged the sign of the exponent
    /// is the other one.
    /// </summary>
    public void Forward(Span<Vector512<double>> real, Span<Vector512<double>> imaginary)
    {
        Check(real, imaginary);
        Forward(ref MemoryMarshal.GetReference(real), ref MemoryMarshal.GetReference(imaginary), Count, 0);
    }

    /// <summary>Takes <see cref="Forward(Span{Vector512{double}}, Span{Vector512{double}})"/> back, times n.</summary>
    public void Backward(Span<Vector512<double>> real, Span<Vector512<double>> imaginary)
    {
        Check(real, imaginary);
        Backward(ref MemoryMarshal.GetReference(real), ref MemoryMarshal.GetReference(imaginary), Count, 0);
    }

    private void Check(Span<Vector512<double>> real, Span<Vector512<double>> imaginary)
    {
        if (real.Length != Count || imaginary.Length != Count)
            throw new ArgumentException($"{real.Length} real and {imaginary.Length} imaginary parts for a transform of {Count}");
    }

    private static double[] Twiddles(int m)
    {
        var table = new double[m / 4 * 6];
        for (var k = 0; k < m / 4; k++)
            for (var power = 1; power <= 3; power++)
                (table[6 * k + 2 * power - 1], table[6 * k + 2 * power - 2]) = Math.SinCos(-2 * Math.PI * ((long)k * power % m) / m);
        return table;
    }

    private void Forward(ref Vector512<double> re, ref Vector512<double> im, int m, int level)
    {
        if (m > CachedCount)
        {
            ForwardPass(ref re, ref im, m, _twiddles[level]);
            for (var part = 0; part < 4; part++) Forward(ref Unsafe.Add(ref re, part * (m / 4)), ref Unsafe.Add(ref im, part * (m / 4)), m / 4, level + 1);
            return;
        }

        var all = m;
        for (; m > 4; m /= 4, level++)
            for (var at = 0; at < all; at += m) ForwardPass(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at), m, _twiddles[level]);
        if (m == 4)
            for (var at = 0; at < all; at += 4) Four(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at), forward: true);
        else
            for (var at = 0; at < all; at += 2) Pair(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at));
    }

    private void Backward(ref Vector512<double> re, ref Vector512<double> im, int m, int level)
    {
        if (m > CachedCount)
        {
            for (var part = 0; part < 4; part++) Backward(ref Unsafe.Add(ref re, part * (m / 4)), ref Unsafe.Add(ref im, part * (m / 4)), m / 4, level + 1);
            BackwardPass(ref re, ref im, m, _twiddles[level]);
            return;
        }

        int least = m, deepest = level;
        for (; least > 4; least /= 4) deepest++;
        if (least == 4)
            for (var at = 0; at < m; at += 4) Four(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at), forward: false);
        else
            for (var at = 0; at < m; at += 2) Pair(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at));
        for (var part = 4 * least; part <= m; part *= 4)
        {
            deepest--;
            for (var at = 0; at < m; at += part) BackwardPass(ref Unsafe.Add(ref re, at), ref Unsafe.Add(ref im, at), part, _twiddles[deepest]);
        }
    }

    private static void ForwardPass(ref Vector512<double> re, ref Vector512<double> im, int m, double[] twiddles)
    {
        var q = m / 4;
        ref var w = ref MemoryMarshal.GetArrayDataReference(twiddles);
        for (var k = 0; k < q; k++)
        {
            ref var r = ref Unsafe.Add(ref re, k);
            ref var i = ref Unsafe.Add(ref im, k);
            var (ar, br, cr, dr) = (r, Unsafe.Add(ref r, q), Unsafe.Add(ref r, 2 * q), Unsafe.Add(ref r, 3 * q));
            var (ai, bi, ci, di) = (i, Unsafe.Add(ref i, q), Unsafe.Add(ref i, 2 * q), Unsafe.Add(ref i, 3 * q));
            var (s0r, s0i, s1r, s1i) = (ar + cr, ai + ci, ar - cr, ai - ci);
            // -i (b - d) is (bi - di, dr - br).
            var (s2r, s2i, s3r, s3i) = (br + dr, bi + di, bi - di, dr - br);
            r = s0r + s2r;
            i = s0i + s2i;
            Rotate(s1r + s3r, s1i + s3i, ref w, out Unsafe.Add(ref r, q), out Unsafe.Add(ref i, q));
            Rotate(s0r - s2r, s0i - s2i, ref Unsafe.Add(ref w, 2), out Unsafe.Add(ref r, 2 * q), out Unsafe.Add(ref i, 2 * q));
            Rotate(s1r - s3r, s1i - s3i, ref Unsafe.Add(ref w, 4), out Unsafe.Add(ref r, 3 * q), out Unsafe.Add(ref i, 3 * q));
            w = ref Unsafe.Add(ref w, 6);
        }
    }

    private static void BackwardPass(ref Vector512<double> re, ref Vector512<double> im, int m, double[] twiddles)
    {
        var q = m / 4;
        ref var w = ref MemoryMarshal.GetArrayDataReference(twiddles);
        for (var k = 0; k < q; k++)
        {
            ref var r = ref Unsafe.Add(ref re, k);
            ref var i = ref Unsafe.Add(ref im, k);
            var (ar, ai) = (r, i);
            RotateBack(Unsafe.Add(ref r, q), Unsafe.Add(ref i, q), ref w, out var br, out var bi);
            RotateBack(Unsafe.Add(ref r, 2 * q), Unsafe.Add(ref i, 2 * q), ref Unsafe.Add(ref w, 2), out var cr, out var ci);
            RotateBack(Unsafe.Add(ref r, 3 * q), Unsafe.Add(ref i, 3 * q), ref Unsafe.Add(ref w, 4), out var dr, out var di);
            var (s0r, s0i, s1r, s1i) = (ar + cr, ai + ci, ar - cr, ai - ci);
            // i (b - d) is (di - bi, br - dr).
            var (s2r, s2i, s3r, s3i) = (br + dr, bi + di, di - bi, br - dr);
            r = s0r + s2r;
            i = s0i + s2i;
            Unsafe.Add(ref r, q) = s1r + s3r;
            Unsafe.Add(ref i, q) = s1i + s3i;
            Unsafe.Add(ref r, 2 * q) = s0r - s2r;
            Unsafe.Add(ref i, 2 * q) = s0i - s2i;
            Unsafe.Add(ref r, 3 * q) = s1r - s3r;
            Unsafe.Add(ref i, 3 * q) = s1i - s3i;
            w = ref Unsafe.Add(ref w, 6);
        }
    }

    /// <summary>A transform of four, whose factors are all 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(ref Vector512<double> re, ref Vector512<double> im, bool forward)
    {
        var (ar, br, cr, dr) = (re, Unsafe.Add(ref re, 1), Unsafe.Add(ref re, 2), Unsafe.Add(ref re, 3));
        var (ai, bi, ci, di) = (im, Unsafe.Add(ref im, 1), Unsafe.Add(ref im, 2), Unsafe.Add(ref im, 3));
        var (s0r, s0i, s1r, s1i) = (ar + cr, ai + ci, ar - cr, ai - ci);
        var (s2r, s2i) = (br + dr, bi + di);
        var (s3r, s3i) = forward ? (bi - di, dr - br) : (di - bi, br - dr);
        re = s0r + s2r;
        im = s0i + s2i;
        Unsafe.Add(ref re, 1) = s1r + s3r;
        Unsafe.Add(ref im, 1) = s1i + s3i;
        Unsafe.Add(ref re, 2) = s0r - s2r;
        Unsafe.Add(ref im, 2) = s0i - s2i;
        Unsafe.Add(ref re, 3) = s1r - s3r;
        Unsafe.Add(ref im, 3) = s1i - s3i;
    }

    /// <summary>A transform of two, the same both ways.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(ref Vector512<double> re, ref Vector512<double> im)
    {
        (re, Unsafe.Add(ref re, 1)) = (re + Unsafe.Add(ref re, 1), re - Unsafe.Add(ref re, 1));
        (im, Unsafe.Add(ref im, 1)) = (im + Unsafe.Add(ref im, 1), im - Unsafe.Add(ref im, 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate(Vector512<double> re, Vector512<double> im, ref double w, out Vector512<double> outRe, out Vector512<double> outIm)
    {
        var c = Vector512.Create(w);
        var s = Vector512.Create(Unsafe.Add(ref w, 1));
        outRe = re * c - im * s;
        outIm = re * s + im * c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotateBack(Vector512<double> re, Vector512<double> im, ref double w, out Vector512<double> outRe, out Vector512<double> outIm)
    {
        var c = Vector512.Create(w);
        var s = Vector512.Create(Unsafe.Add(ref w, 1));
        outRe = re * c + im * s;
        outIm = im * c - re * s;
    }
}
