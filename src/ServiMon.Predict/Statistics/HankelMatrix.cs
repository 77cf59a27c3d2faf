using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// The trajectory matrix of a series, X[i, j] = x[i + j] with L rows and K = N - L + 1 columns, as products with blocks of vectors by fast
/// Fourier transform: never stored, O(N log L) a vector. The columns are taken in stretches that a transform of four rows' lengths holds
/// (overlap and save; Oppenheim and Schafer 1975, 3.7), so that the work stays in the cache however long the series.
/// </summary>
/// <remarks>Not for use by several threads at once: it owns its working memory.</remarks>
internal sealed class HankelMatrix
{
    /// <summary>Vectors that share one transform.</summary>
    public const int GroupCount = 2 * LaneFft.LaneCount;

    private const int LeastTransform = 16;

    private readonly LaneFft _fft;
    private readonly int _stride;
    private readonly int _blockCount;
    private readonly double[] _spectrumReal;
    private readonly double[] _spectrumImaginary;
    private readonly LanePair _vectors;
    private readonly LanePair _stretch;
    private readonly LanePair _sum;
    private LanePair? _kernel;

    /// <param name="series">N entries, all finite.</param>
    /// <param name="rows">L, 1 to N.</param>
    public HankelMatrix(ReadOnlySpan<double> series, int rows)
    {
        if (rows < 1 || rows > series.Length) throw new ArgumentOutOfRangeException(nameof(rows), rows, $"rows must be from 1 to {series.Length}");
        Rows = rows;
        Columns = series.Length - rows + 1;
        var length = LeastTransform;
        while (length < 4 * rows && length < series.Length) length *= 2;
        _fft = new LaneFft(length);
        _stride = length - rows + 1;
        _blockCount = (Columns + _stride - 1) / _stride;
        _vectors = new LanePair(length);
        _stretch = new LanePair(length);
        _sum = new LanePair(length);
        _spectrumReal = new double[_blockCount * length];
        _spectrumImaginary = new double[_blockCount * length];
        Transform(series);
        for (var t = 0; t < series.Length; t++)
            SquaredNorm += series[t] * series[t] * Weight(t);
    }

    /// <summary>L.</summary>
    public int Rows { get; }

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>The sum of the squares of all entries: the trace of X X'.</summary>
    public double SquaredNorm { get; }

    /// <summary>How many entries of X hold x[<paramref name="t"/>].</summary>
    public int Weight(int t) => Math.Min(Math.Min(t + 1, Columns + Rows - 1 - t), Math.Min(Rows, Columns));

    /// <summary>result[v] = X X' vectors[v].</summary>
    /// <param name="vectors">Each of L entries.</param>
    /// <param name="result">Receives as many, each of L entries; may not be <paramref name="vectors"/>.</param>
    public void MultiplyGram(double[][] vectors, double[][] result)
    {
        for (var first = 0; first < vectors.Length; first += GroupCount)
        {
            LoadExchanged(vectors, first);
            _sum.Clear();
            for (var block = 0; block < _blockCount; block++)
            {
                Correlate(block);
                // Correlating again: the opposite exponent, so that no order has to be reversed.
                _fft.Forward(_stretch.Imaginary, _stretch.Real);
                AddProduct(block);
            }

            _fft.Backward(_sum.Real, _sum.Imaginary);
            _sum.Store(result, first, 1.0 / _fft.Count / _fft.Count);
        }
    }

    /// <summary>
    /// The diagonal averages of P P' X, where the columns of P are the given vectors: the series whose trajectory matrix is nearest to it
    /// (Golyandina, Nekrutkin and Zhigljavsky 2001, 1.1.4).
    /// </summary>
    /// <param name="vectors">Orthonormal, each of L entries.</param>
    /// <returns>N entries.</returns>
    public double[] Reconstruct(double[][] vectors)
    {
        var result = new double[Rows + Columns - 1];
        var kernel = _kernel ??= new LanePair(_fft.Count);
        for (var first = 0; first < vectors.Length; first += GroupCount)
        {
            LoadExchanged(vectors, first);
            // (z1 + i z2)(u1 - i u2) = z1 u1 + z2 u2 + i (...): the real part of the inverse is the sum that is wanted.
            kernel.Load(vectors, first);
            kernel.NegateImaginary();
            _fft.Forward(kernel.Real, kernel.Imaginary);
            for (var block = 0; block < _blockCount; block++)
            {
                Correlate(block);
                _fft.Forward(_stretch.Real, _stretch.Imaginary);
                Multiply(_stretch, kernel, _sum);
                _fft.Backward(_sum.Real, _sum.Imaginary);
                var start = block * _stride;
                for (var i = 0; i < _fft.Count && start + i < result.Length; i++)
                    result[start + i] += Vector512.Sum(_sum.Real[i]) / _fft.Count / _fft.Count;
            }
        }

        for (var t = 0; t < result.Length; t++) result[t] /= Weight(t);
        return result;
    }

    /// <summary>The spectra of the stretches, eight at a time, each in the order the transform leaves.</summary>
    private void Transform(ReadOnlySpan<double> series)
    {
        var length = _fft.Count;
        for (var first = 0; first < _blockCount; first += LaneFft.LaneCount)
        {
            var here = Math.Min(LaneFft.LaneCount, _blockCount - first);
            _vectors.Clear();
            for (var lane = 0; lane < here; lane++)
            {
                var start = (first + lane) * _stride;
                _vectors.SetReal(lane, series[start..Math.Min(series.Length, start + length)]);
            }

            _fft.Forward(_vectors.Real, _vectors.Imaginary);
            for (var lane = 0; lane < here; lane++)
                _vectors.Get(lane, _spectrumReal.AsSpan((first + lane) * length, length), _spectrumImaginary.AsSpan((first + lane) * length, length));
        }
    }

    private void LoadExchanged(double[][] vectors, int first)
    {
        _vectors.Load(vectors, first);
        _fft.Forward(_vectors.Imaginary, _vectors.Real);
    }

    /// <summary>z[j] = sum over i of x[start + i + j] u[i] for the columns of one stretch, times the transform's length; zero beyond them.</summary>
    private void Correlate(int block)
    {
        ReadOnlySpan<double> xr = Part(_spectrumReal, block), xi = Part(_spectrumImaginary, block);
        Span<Vector512<double>> vr = _vectors.Real, vi = _vectors.Imaginary, zr = _stretch.Real, zi = _stretch.Imaginary;
        for (var f = 0; f < xr.Length; f++)
        {
            var (c, s) = (Vector512.Create(xr[f]), Vector512.Create(xi[f]));
            zr[f] = vr[f] * c - vi[f] * s;
            zi[f] = vr[f] * s + vi[f] * c;
        }

        _fft.Backward(zr, zi);
        var columns = Math.Min(_stride, Columns - block * _stride);
        zr[columns..].Clear();
        zi[columns..].Clear();
    }

    private void AddProduct(int block)
    {
        ReadOnlySpan<double> xr = Part(_spectrumReal, block), xi = Part(_spectrumImaginary, block);
        Span<Vector512<double>> zr = _stretch.Real, zi = _stretch.Imaginary, sr = _sum.Real, si = _sum.Imaginary;
        for (var f = 0; f < xr.Length; f++)
        {
            var (c, s) = (Vector512.Create(xr[f]), Vector512.Create(xi[f]));
            sr[f] += zr[f] * c - zi[f] * s;
            si[f] += zr[f] * s + zi[f] * c;
        }
    }

    private static void Multiply(LanePair left, LanePair right, LanePair product)
    {
        Span<Vector512<double>> zr = left.Real, zi = left.Imaginary, ur = right.Real, ui = right.Imaginary;
        Span<Vector512<double>> pr = product.Real, pi = product.Imaginary;
        for (var f = 0; f < pr.Length; f++)
        {
            pr[f] = zr[f] * ur[f] - zi[f] * ui[f];
            pi[f] = zr[f] * ui[f] + zi[f] * ur[f];
        }
    }

    private ReadOnlySpan<double> Part(double[] spectra, int block) => spectra.AsSpan(block * _fft.Count, _fft.Count);
}
