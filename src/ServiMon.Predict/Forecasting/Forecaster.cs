using ServiMon.Predict.Series;

namespace ServiMon.Predict.Forecasting;

/// <summary>Fits the family of forecasters to one series: nothing to configure, the seasons are found in the data.</summary>
public static class Forecaster
{
    /// <summary>Puts the rows on their grid, finds the seasons, fills the gaps and picks the experts that can be tried.</summary>
    /// <param name="ticks">Times, UTC, 100 ns, in any order; n entries.</param>
    /// <param name="values">Values; n entries, not finite for missing.</param>
    /// <param name="step">Spacing; null infers it from the times.</param>
    /// <param name="zone">
    /// Whose clock the seasons follow, daylight saving included: an hour that the clock skips is a gap, of one that it repeats the second
    /// counts. Null for UTC.
    /// </param>
    /// <exception cref="InputException">Fewer than two finite values, or no two different times to infer the step from.</exception>
    public static FittedForecaster Fit(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeSpan? step = null, TimeZoneInfo? zone = null)
    {
        var local = zone is null ? null : LocalGrid.Of(ticks, zone);
        var grid = RegularGrid.From(local is null ? ticks : local.Ticks, values, step);
        var seasons = SeasonDetection.Find(grid.Values, grid.StepTicks);
        var history = Imputation.Fill(grid.Values, seasons.Length > 0 ? seasons[0] : 1);
        return new FittedForecaster(grid, history, seasons, Experts(history, seasons), local);
    }

    private static List<IExpert> Experts(double[] history, int[] seasons)
    {
        var positive = Array.TrueForAll(history, value => value > 0);
        var experts = new List<IExpert> { new SeasonalNaive(1), new DampedTrend(1), new Theta(seasons.Length > 0 ? seasons[0] : 1), new StraightLine(seasons.Length > 0 ? seasons[0] : 1) };
        foreach (var season in seasons)
        {
            experts.Add(new SeasonalNaive(season));
            experts.Add(new DampedTrend(season));
        }

        if (seasons.Length > 0)
        {
            experts.Add(new HoltWinters(seasons[..1]));
            if (seasons.Length > 1) experts.Add(new HoltWinters(seasons));
            experts.Add(new SpectrumExpert(seasons[^1]));
        }

        // Each prefix of the seasons by itself: the long season may be spurious, or too long for the past there is.
        for (var used = 0; used <= seasons.Length; used++)
        {
            experts.Add(new SeasonalAutoregression(seasons[..used], onLogs: false));
            if (positive) experts.Add(new SeasonalAutoregression(seasons[..used], onLogs: true));
        }

        return experts;
    }
}
