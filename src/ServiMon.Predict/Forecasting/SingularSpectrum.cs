using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// Singular spectrum analysis (Golyandina, Nekrutkin and Zhigljavsky 2001): the series as the few strongest components of its trajectory
/// matrix. The decomposition is randomised and its error is reported. Immutable; fitted by <see cref="Fit"/>.
/// </summary>
public sealed class SingularSpectrum
{
    private const int MostDefaultWindow = 1024;

    /// <summary>Rounds of filling gaps by what the components say there, and the relative change at which they end.</summary>
    private const int MostFillings = 20;

    private const double EnoughFilled = 1e-3;

    private readonly double _centre;
    private readonly double _scale;
    private readonly double[] _last;
    private readonly double[] _smooth;
    private readonly SignalSubspace _subspace;

    private SingularSpectrum(double centre, double scale, double[] last, double[] smooth, LeadingSubspace found, double squaredNorm)
    {
        _centre = centre;
        _scale = scale;
        _last = last;
        _smooth = smooth;
        _subspace = new SignalSubspace(found.Vectors);
        SingularValues = [.. found.Values.Select(v => scale * Math.Sqrt(Math.Max(0, v)))];
        PassCount = found.Passes;
        var rest = Math.Max(0, squaredNorm - found.Values.Sum());
        ResidualShare = squaredNorm > 0 ? Math.Sqrt(rest / squaredNorm) : 0;
        ApproximationError = rest > 0 ? Math.Sqrt(1 / Math.Max(1e-6, 1 - found.Missed / rest)) - 1 : 0;
    }

    /// <summary>L, in steps.</summary>
    public int WindowLength => _subspace.WindowLength;

    /// <summary>Components kept.</summary>
    public int Rank => SingularValues.Count;

    /// <summary>Of the trajectory matrix of the series less its mean, in the series' unit, from the largest down.</summary>
    public IReadOnlyList<double> SingularValues { get; }

    /// <summary>The share of the trajectory matrix's Frobenius norm that the components leave out, 0 to 1.</summary>
    public double ResidualShare { get; }

    /// <summary>
    /// By how much, relatively, the norm left out is estimated to exceed the least possible at this rank, because the decomposition is
    /// randomised: 0.001 is a tenth of a per cent.
    /// </summary>
    public double ApproximationError { get; }

    /// <summary>Products with the matrix that the decomposition took.</summary>
    public int PassCount { get; }

    /// <summary>Decomposes a series.</summary>
    /// <param name="series">Evenly spaced, n of at least 4 entries; NaN (or infinite) for missing, filled in by the components themselves.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InputException">Fewer than 2 finite values.</exception>
    public static SingularSpectrum Fit(ReadOnlySpan<double> series, SingularSpectrumOptions? options = null)
    {
        options ??= new SingularSpectrumOptions();
        if (series.Length < 4) throw new InputException("series", $"{series.Length} values; a singular spectrum needs at least 4");
        var window = options.WindowLength ?? Math.Min(MostDefaultWindow, Math.Max(2, series.Length / 4));
        if (window < 2 || window > series.Length / 2)
            throw new ArgumentOutOfRangeException(nameof(options), window, $"the window must be from 2 to {series.Length / 2} steps");
        if (options.Rank is < 1 or > SingularSpectrumOptions.MaxRank)
            throw new ArgumentOutOfRangeException(nameof(options), options.Rank, $"the rank must be from 1 to {SingularSpectrumOptions.MaxRank}");
        if (!(options.Accuracy is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Accuracy, "the accuracy must be in (0, 1)");

        var (values, missing, centre, scale) = Standardised(series);
        var rank = Math.Min(options.Rank ?? RankChoice.ByForecast(values, window, options), window);
        return Filled(values, missing, window, rank, options, (smooth, found, norm) =>
            new SingularSpectrum(centre, scale, values[^window..], smooth, found, norm));
    }

    /// <summary>The series as the components have it: n entries, gaps filled.</summary>
    public double[] Reconstruct() => [.. _smooth.Select(Unscaled)];

    /// <summary>The next steps by the linear recurrence that the components obey (2.1 there), from the reconstructed series on.</summary>
    /// <param name="horizon">Steps, at least 1.</param>
    public double[] ForecastByRecurrence(int horizon) => Forecasted(_subspace.Recur(_smooth, horizon));

    /// <summary>The next steps by continuing the columns of the trajectory matrix within the components' space (2.3.1 there) and averaging.</summary>
    /// <param name="horizon">Steps, at least 1.</param>
    public double[] ForecastByVectors(int horizon) => Forecasted(_subspace.Continue(_last, horizon));

    private double[] Forecasted(double[] values)
    {
        for (var h = 0; h < values.Length; h++) values[h] = Unscaled(values[h]);
        return values;
    }

    private double Unscaled(double value) => _centre + _scale * value;

    /// <summary>Filling by what the last decomposition says (Golyandina and Osipov 2007; Kondrashov and Ghil 2006) until it no longer moves.</summary>
    private static SingularSpectrum Filled(
        double[] values, int[] missing, int window, int rank, SingularSpectrumOptions options, Func<double[], LeadingSubspace, double, SingularSpectrum> result)
    {
        for (var round = 1; ; round++)
        {
            var matrix = new HankelMatrix(values, window);
            var found = LeadingSubspace.Find(matrix, rank, options.Accuracy, options.Seed);
            var smooth = matrix.Reconstruct(found.Vectors);
            double moved = 0, size = 0;
            foreach (var t in missing)
            {
                moved += Math.Pow(smooth[t] - values[t], 2);
                size += smooth[t] * smooth[t];
                values[t] = smooth[t];
            }

            if (missing.Length == 0 || round == MostFillings || moved <= EnoughFilled * EnoughFilled * size)
                return result(smooth, found, matrix.SquaredNorm);
        }
    }

    private static (double[] Values, int[] Missing, double Centre, double Scale) Standardised(ReadOnlySpan<double> series)
    {
        double centre = 0, scale = 0;
        var count = 0;
        foreach (var value in series)
            if (double.IsFinite(value)) centre += (value - centre) / ++count;
        if (count < 2) throw new InputException("series", $"{count} finite value(s); a singular spectrum needs at least 2");
        foreach (var value in series)
            if (double.IsFinite(value)) scale = Math.Max(scale, Math.Abs(value - centre));
        if (scale == 0) scale = 1;
        var gapped = new double[series.Length];
        var missing = new List<int>();
        for (var i = 0; i < gapped.Length; i++)
        {
            gapped[i] = double.IsFinite(series[i]) ? (series[i] - centre) / scale : double.NaN;
            if (double.IsNaN(gapped[i])) missing.Add(i);
        }

        return (missing.Count > 0 ? Imputation.Fill(gapped, 1) : gapped, [.. missing], centre, scale);
    }
}
