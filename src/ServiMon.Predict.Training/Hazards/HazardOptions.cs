using System.Collections.Immutable;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>How hazards are fitted. The defaults are meant to be left alone.</summary>
public sealed record HazardOptions
{
    /// <summary>Folds of the cross-validation over assets. Default 5; range 2 to 50; never more than there are assets with incidents.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>Incidents below which nothing is learned. Default 3; at least 2, since cross-validation needs one on each side.</summary>
    public int MinimumIncidents { get; init; } = 3;

    /// <summary>Incidents below which no trees are grown. Default 8; at least 2.</summary>
    public int MinimumTreeIncidents { get; init; } = 8;

    /// <summary>
    /// Own incidents below which only the universal part is looked at. Default 20: hundreds of columns on a dozen failures learn the
    /// failures by heart. At least 2.
    /// </summary>
    public int MinimumWideIncidents { get; init; } = 20;

    /// <summary>Rows x columns squared above which no logistic regression is fitted on all evidence. Default 1e9: a second a fit.</summary>
    public double WideWork { get; init; } = 1e9;

    /// <summary>Incidents from which isotonic calibration is tried. Default 50: below, it gives exact zeros and ones and ruins the log-loss.</summary>
    public int MinimumIsotonicIncidents { get; init; } = 50;

    /// <summary>
    /// Ridge strengths for the universal part, as multiples of the weight of the positive rows. Default: 2.5 decades, as the best strength
    /// differs a hundredfold between fleets; stronger ones flatten the later buckets and are chosen by a few folds' chance.
    /// </summary>
    public ImmutableArray<double> Ridges { get; init; } = [0.003, 0.01, 0.03, 0.1, 0.3, 1];

    /// <summary>The ridge strength taken unless cross-validation speaks against it by a standard error. Default 0.1, the middle of the useful range.</summary>
    public double PreferredRidge { get; init; } = 0.1;

    /// <summary>Ridge strengths for all evidence: stronger, as it has many more columns.</summary>
    public ImmutableArray<double> WideRidges { get; init; } = [0.1, 1, 10, 100];

    /// <summary>Standardised evidence is kept within plus and minus this. Default 10; range 1 to 100; in standard deviations.</summary>
    public float Clip { get; init; } = 10;

    /// <summary>Largest hazard ratio of unusual evidence in a model without failures. Default 20: a tail share of 1 in 1,600.</summary>
    public double AnomalyCap { get; init; } = 20;

    /// <summary>Forces the booster; null to use what is there (see <see cref="BoosterChoice"/>).</summary>
    public Booster? Booster { get; init; }

    /// <exception cref="ArgumentException">When an option is out of its range.</exception>
    internal void Check()
    {
        Range(FoldCount is >= 2 and <= 50, nameof(FoldCount), FoldCount, "2 to 50");
        Range(MinimumIncidents >= 2, nameof(MinimumIncidents), MinimumIncidents, "at least 2");
        Range(MinimumTreeIncidents >= 2, nameof(MinimumTreeIncidents), MinimumTreeIncidents, "at least 2");
        Range(MinimumWideIncidents >= 2, nameof(MinimumWideIncidents), MinimumWideIncidents, "at least 2");
        Range(WideWork > 0, nameof(WideWork), WideWork, "above 0");
        Range(MinimumIsotonicIncidents >= 2, nameof(MinimumIsotonicIncidents), MinimumIsotonicIncidents, "at least 2");
        Range(Clip is >= 1 and <= 100, nameof(Clip), Clip, "1 to 100");
        Range(AnomalyCap is >= 1 and <= 1000, nameof(AnomalyCap), AnomalyCap, "1 to 1000");
        Range(PreferredRidge is > 0 and <= 1e6, nameof(PreferredRidge), PreferredRidge, "above 0, at most 1e6");
        foreach (var ridge in Ridges.Concat(WideRidges)) Range(ridge is > 0 and <= 1e6, "ridge", ridge, "above 0, at most 1e6");
        Range(Ridges.Length > 0 && WideRidges.Length > 0, "ridges", Ridges.Length, "at least one of each");
    }

    private static void Range(bool good, string name, object value, string range)
    {
        if (!good) throw new ArgumentException(FormattableString.Invariant($"{name} is {value}, expected {range}"));
    }
}
