namespace ServiMon.Predict.Forecasting;

/// <summary>Fills the gaps of an evenly spaced series.</summary>
internal static class Imputation
{
    /// <summary>
    /// A gap takes the line between its ends plus, with a season, the pattern by which the values one season before it (else after it)
    /// left the line between their own ends. Ends of the series are carried on level.
    /// </summary>
    /// <param name="values">NaN for missing; at least one value is there.</param>
    /// <param name="season">Steps; 1 for none.</param>
    public static double[] Fill(ReadOnlySpan<double> values, int season)
    {
        var lines = Lines(values);
        if (season == 1) return lines;
        var filled = (double[])lines.Clone();
        for (var start = 0; start < values.Length; start++)
        {
            if (!double.IsNaN(values[start])) continue;
            var end = start;
            while (end < values.Length && double.IsNaN(values[end])) end++;
            FillGap(values, lines, filled, start, end, season);
            start = end;
        }

        return filled;
    }

    private static void FillGap(ReadOnlySpan<double> values, double[] lines, double[] filled, int start, int end, int season)
    {
        // Seasons back until the stretch, with one value before it, lies in what is already filled.
        var shift = (end - start + season) / season * season;
        var source = filled;
        var from = start - shift;
        if (from < 1)
        {
            shift = -shift;
            from = start - shift;
            source = lines;
            if (end - shift >= values.Length) return;
        }

        var to = end - shift;
        var left = source[from - 1];
        var right = to < source.Length ? source[to] : left;
        for (var i = start; i < end; i++)
        {
            var along = (i - start + 1.0) / (end - start + 1);
            filled[i] = lines[i] + source[i - shift] - (left + along * (right - left));
        }
    }

    private static double[] Lines(ReadOnlySpan<double> values)
    {
        var result = values.ToArray();
        var previous = -1;
        for (var i = 0; i <= result.Length; i++)
        {
            if (i < result.Length && double.IsNaN(result[i])) continue;
            for (var j = previous + 1; j < i; j++)
                result[j] = previous < 0 ? result[i]
                    : i == result.Length ? result[previous]
                    : result[previous] + (result[i] - result[previous]) * ((j - previous) / (double)(i - previous));
            previous = i;
        }

        return result;
    }
}
