namespace ServiMon.Predict.Forecasting;

/// <summary>Fits the family of forecasters to one series: nothing to configure, the seasons are found in the data.</summary>
public static class Forecaster
{
    /// <summary>Puts the rows on their grid, finds the seasons, fills the gaps and picks the experts that can be tried.</summary>
    /// <param name="ticks">Times, UTC, 100 ns, in any order; n entries.</param>
    /// <param name="values">Values; n entries, not finite for missing.</param>
    /// <param name="step">Spacing; null infers it from the times.</param>
    /// <exception cref="InputException">Fewer than two finite values, or no two different times to infer the step from.</exception>
    public static FittedForecaster Fit(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeSpan? step = null)
    {
        var grid = RegularGrid.From(ticks, values, step);
        var seasons = SeasonDetection.Find(grid.Values, grid.StepTicks);
        var history = Imputation.Fill(grid.Values, seasons.Length > 0 ? seasons[0] : 1);
        return new FittedForecaster(grid, history, seasons, Experts(history, seasons));
    }

    private static List<IExpert> Experts(double[] history, int[] seasons)
    {
        var positive = Array.TrueForAll(history, value => value > 0);
        var experts = new List<IExpert> { new SeasonalNaive(1), new DampedTrend(1) };
        foreach (var season in seasons)
        {
            experts.Add(new SeasonalNaive(season));
            experts.Add(new DampedTrend(season));
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
