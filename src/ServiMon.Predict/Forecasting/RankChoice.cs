using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>How many components of a singular spectrum to keep.</summary>
internal static class RankChoice
{
    private static readonly int[] Candidates = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];

    private const int OriginCount = 8;

    /// <summary>Components found from the first part of the series, judged by the mean absolute error of forecasts from origins in the last quarter.</summary>
    /// <param name="values">Without gaps.</param>
    /// <param name="window">L.</param>
    /// <param name="options">Accuracy and seed of the decomposition.</param>
    public static int ByForecast(double[] values, int window, SingularSpectrumOptions options)
    {
        var known = Math.Max(2 * window, values.Length * 3 / 4);
        var horizon = (values.Length - known) / 2;
        // Too short for holding anything back: what two thirds of the window's halves can carry.
        if (horizon < 1 || known > values.Length) return Math.Max(1, Math.Min(window / 3, 4));
        horizon = Math.Min(horizon, window);
        var matrix = new HankelMatrix(values.AsSpan(0, known), window);
        var most = Math.Min(Candidates[^1], Math.Min(window, known - window + 1) / 2);
        if (most < 1) return 1;
        var found = LeadingSubspace.Find(matrix, most, options.Accuracy, options.Seed);
        var stride = Math.Max(1, (values.Length - known - horizon) / OriginCount);
        var best = (Error: double.PositiveInfinity, Rank: 1);
        foreach (var rank in Candidates)
        {
            if (rank > most) break;
            var error = Error(new SignalSubspace(found.Vectors[..rank]), values, known, horizon, stride);
            if (error < best.Error) best = (error, rank);
        }

        return best.Rank;
    }

    private static double Error(SignalSubspace subspace, double[] values, int known, int horizon, int stride)
    {
        double total = 0;
        for (var origin = known; origin + horizon <= values.Length; origin += stride)
        {
            var state = subspace.State(values.AsSpan(0, origin));
            for (var h = 0; h < horizon; h++)
            {
                state = subspace.Shifted(state);
                total += Math.Abs(values[origin + h] - subspace.Newest(state));
            }
        }

        return double.IsFinite(total) ? total : double.PositiveInfinity;
    }
}
