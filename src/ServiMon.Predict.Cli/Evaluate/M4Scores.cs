namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>
/// The competition's accuracy (Makridakis, Spiliotis and Assimakopoulos 2020), each the mean over the series scored so far: sMAPE in per
/// cent, MASE, and for intervals MSIS and the share of outcomes inside.
/// </summary>
internal sealed class M4Scores
{
    /// <summary>One less the level of the intervals.</summary>
    private const double Alpha = 0.05;

    private double _smape;
    private double _mase;
    private double _msis;
    private double _inside;

    public int Count { get; private set; }

    public double Smape => _smape / Count;

    public double Mase => _mase / Count;

    public double Msis => _msis / Count;

    public double Coverage => _inside / Count;

    /// <summary>Half the sum of sMAPE and MASE relative to those of Naive2.</summary>
    public double Owa(M4Scores naive2) => 0.5 * (Smape / naive2.Smape + Mase / naive2.Mase);

    public void Add(M4Series series, M4Forecast forecast)
    {
        var scale = Scale(series.Past);
        double smape = 0, mase = 0, msis = 0, inside = 0;
        for (var h = 0; h < M4Series.Horizon; h++)
        {
            double actual = series.Future[h], said = forecast.Median[h], lower = forecast.Lower[h], upper = forecast.Upper[h];
            var size = Math.Abs(actual) + Math.Abs(said);
            if (size > 0) smape += 200 * Math.Abs(actual - said) / size;
            mase += Math.Abs(actual - said) / scale;
            msis += (upper - lower + 2 / Alpha * (Math.Max(0, lower - actual) + Math.Max(0, actual - upper))) / scale;
            if (lower <= actual && actual <= upper) inside++;
        }

        _smape += smape / M4Series.Horizon;
        _mase += mase / M4Series.Horizon;
        _msis += msis / M4Series.Horizon;
        _inside += inside / M4Series.Horizon;
        Count++;
    }

    /// <summary>The mean absolute error of "as a day ago" within what was known.</summary>
    public static double Scale(double[] past)
    {
        double sum = 0;
        for (var t = M4Series.Season; t < past.Length; t++) sum += Math.Abs(past[t] - past[t - M4Series.Season]);
        return sum / (past.Length - M4Series.Season);
    }
}
