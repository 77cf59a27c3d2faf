namespace ServiMon.Predict.Forecasting;

/// <summary>The additive seasonal pattern of a series: per phase, the mean distance from the centred moving average over one season.</summary>
internal static class SeasonalProfile
{
    /// <summary>The pattern, indexed by position modulo <paramref name="season"/> from the start of the series; sums to 0.</summary>
    /// <param name="history">Evenly spaced, without gaps.</param>
    /// <param name="season">Steps; 1 or a series under two seasons gives all zeros.</param>
    public static double[] Estimate(ReadOnlySpan<double> history, int season)
    {
        var profile = new double[season];
        if (season == 1 || history.Length < 2 * season) return profile;
        var counts = new int[season];
        var half = season / 2;
        for (var i = half; i < history.Length - half; i++)
        {
            // Classical decomposition: an even season takes half of each end so that the average is centred.
            var window = history.Slice(i - half, 2 * half + 1);
            double sum = 0;
            foreach (var value in window) sum += value - history[i];
            if (season % 2 == 0) sum -= 0.5 * (window[0] - history[i] + window[^1] - history[i]);
            profile[i % season] -= sum / season;
            counts[i % season]++;
        }

        var mean = 0.0;
        for (var phase = 0; phase < season; phase++)
        {
            if (counts[phase] > 0) profile[phase] /= counts[phase];
            mean += profile[phase] / season;
        }

        for (var phase = 0; phase < season; phase++) profile[phase] -= mean;
        return profile;
    }
}
