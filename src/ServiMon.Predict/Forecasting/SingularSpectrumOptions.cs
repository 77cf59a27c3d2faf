namespace ServiMon.Predict.Forecasting;

/// <summary>What the user wants of a singular spectrum analysis.</summary>
public sealed record SingularSpectrumOptions
{
    /// <summary>Largest rank that is looked for.</summary>
    public const int MaxRank = 64;

    /// <summary>
    /// Window length L in steps, from 2 to half of the series. Default (null): a quarter of the series, at most 1024. Best a multiple of the
    /// longest season.
    /// </summary>
    public int? WindowLength { get; init; }

    /// <summary>Components kept, from 1 to <see cref="MaxRank"/>. Default (null): those that forecast the last part of the series best.</summary>
    public int? Rank { get; init; }

    /// <summary>
    /// The iteration ends when one more pass adds less than this share of what is left out, squared norms both; in (0, 1). Default 0.001: the
    /// norm left out is then about 0.05 % above the least possible.
    /// </summary>
    public double Accuracy { get; init; } = 1e-3;

    /// <summary>Of the random start of the decomposition. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
