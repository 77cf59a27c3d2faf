using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Statistics;

/// <summary>Sixteen real sequences side by side: the first eight in the lanes of the real parts, the others in those of the imaginary ones.</summary>
internal sealed class LanePair(int count)
{
    private readonly double[] _real = new double[count * LaneFft.LaneCount];
    private readonly double[] _imaginary = new double[count * LaneFft.LaneCount];

    public Span<Vector512<double>> Real => MemoryMarshal.Cast<double, Vector512<double>>(_real.AsSpan());

    public Span<Vector512<double>> Imaginary => MemoryMarshal.Cast<double, Vector512<double>>(_imaginary.AsSpan());

    public void Clear()
    {
        Array.Clear(_real);
        Array.Clear(_imaginary);
    }

    /// <summary>Takes vectors <paramref name="first"/> .. first + 15 as far as there are any; zeros beyond their length and number.</summary>
    public void Load(double[][] vectors, int first)
    {
        Clear();
        for (var v = first; v < Math.Min(vectors.Length, first + HankelMatrix.GroupCount); v++) Set(Part(v - first), (v - first) % LaneFft.LaneCount, vectors[v]);
    }

    /// <summary>The beginnings of the sequences, times <paramref name="scale"/>, into vectors <paramref name="first"/> and on.</summary>
    public void Store(double[][] vectors, int first, double scale)
    {
        for (var v = first; v < Math.Min(vectors.Length, first + HankelMatrix.GroupCount); v++)
        {
            var part = Part(v - first);
            var lane = (v - first) % LaneFft.LaneCount;
            for (var i = 0; i < vectors[v].Length; i++) vectors[v][i] = part[i * LaneFft.LaneCount + lane] * scale;
        }
    }

    public void NegateImaginary()
    {
        foreach (ref var value in Imaginary) value = -value;
    }

    public void SetReal(int lane, ReadOnlySpan<double> values) => Set(_real, lane, values);

    /// <summary>One lane of both parts.</summary>
    public void Get(int lane, Span<double> real, Span<double> imaginary)
    {
        for (var i = 0; i < real.Length; i++)
        {
            real[i] = _real[i * LaneFft.LaneCount + lane];
            imaginary[i] = _imaginary[i * LaneFft.LaneCount + lane];
        }
    }

    private double[] Part(int offset) => offset < LaneFft.LaneCount ? _real : _imaginary;

    private static void Set(double[] part, int lane, ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++) part[i * LaneFft.LaneCount + lane] = values[i];
    }
}
