using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.TimeSeries;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.TimeSeries;

/// <summary>ML.NET's own forecaster, by singular spectrum analysis. For comparison; what is known to be wrong with it stands in docs/mlnet-engine.md.</summary>
public static class MlNetForecaster
{
    /// <summary>Fewest steps to fit to: a window of two and twice as many steps more.</summary>
    private const int LeastSteps = 8;

    /// <summary>The window where no season is found.</summary>
    private const int PlainWindow = 32;

    /// <summary>Widest window: a fit takes seconds above it.</summary>
    private const int WidestWindow = 1024;

    /// <summary>
    /// Continues a series. It is put on its grid first and gaps are filled in a straight line, because ML.NET knows no times; values are
    /// taken relative to their mean, because it calculates in single precision.
    /// </summary>
    /// <param name="ticks">Times, UTC, 100 ns, in any order; n entries.</param>
    /// <param name="values">Values; n entries, not finite for missing.</param>
    /// <param name="horizon">Steps, 1 to <see cref="FittedForecaster.MaxHorizon"/>.</param>
    /// <param name="level">Level of the interval, in (0, 1).</param>
    /// <exception cref="InputException">Fewer than eight steps, or no step that could be inferred.</exception>
    public static (Forecast Forecast, IReadOnlyList<int> Seasons) Forecast(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, int horizon, double level)
    {
        var grid = RegularGrid.From(ticks, values);
        var count = grid.Values.Length;
        if (count < LeastSteps) throw new InputException("series", $"{count} steps; ML.NET's forecaster needs at least {LeastSteps}");
        var seasons = SeasonDetection.Find(grid.Values, grid.StepTicks);
        var window = Math.Clamp(seasons.LastOrDefault(PlainWindow), 2, Math.Min(WidestWindow, (count - 1) / 2));
        var filled = Filled(grid.Values);
        var mean = filled.Average();

        var ml = new MLContext(seed: 0);
        var model = ml.Forecasting.ForecastBySsa(nameof(Ahead.Median), nameof(MlNetDetector.Point.Value), window, count, count, horizon,
                confidenceLevel: (float)level, confidenceLowerBoundColumn: nameof(Ahead.Lower), confidenceUpperBoundColumn: nameof(Ahead.Upper))
            .Fit(ml.Data.LoadFromEnumerable(filled.Select(v => new MlNetDetector.Point { Value = (float)(v - mean) })));
        var ahead = model.CreateTimeSeriesEngine<MlNetDetector.Point, Ahead>(ml).Predict();

        return (new Forecast(
            [.. Enumerable.Range(1, horizon).Select(h => grid.LastTicks + h * grid.StepTicks)],
            Shifted(ahead.Median, mean), [new ForecastInterval(level, Shifted(ahead.Lower, mean), Shifted(ahead.Upper, mean))],
            [new ExpertWeight($"mlnet-ssa({window})", 1)]), seasons);
    }

    /// <summary>Gaps in a straight line between their ends; before the first value and after the last one, that value.</summary>
    internal static double[] Filled(ReadOnlySpan<double> values)
    {
        var filled = values.ToArray();
        var before = -1;
        for (var i = 0; i < filled.Length; i++)
        {
            if (double.IsNaN(filled[i])) continue;
            for (var g = before + 1; g < i; g++)
                filled[g] = before < 0 ? filled[i] : filled[before] + (filled[i] - filled[before]) * (g - before) / (i - before);
            before = i;
        }
        for (var g = before + 1; g < filled.Length; g++) filled[g] = filled[before];
        return filled;
    }

    private static double[] Shifted(float[] values, double by) => Array.ConvertAll(values, v => v + by);

    internal sealed class Ahead
    {
        [VectorType]
        public float[] Median { get; set; } = [];

        [VectorType]
        public float[] Lower { get; set; } = [];

        [VectorType]
        public float[] Upper { get; set; } = [];
    }
}
