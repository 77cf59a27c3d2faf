using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.TimeSeries;

namespace ServiMon.Predict.Bench.MlNet;

/// <summary>ML.NET's engines as its documentation makes them, without the adapter around them.</summary>
internal static class Engines
{
    public const int TrainingRows = 512;

    /// <summary>Spikes by singular spectrum analysis: confidence 99 %, history 64, fitted to 512 rows, window of a season.</summary>
    public static TimeSeriesPredictionEngine<Point, Spike> SpikeBySsa(double[] training)
    {
        var ml = new MLContext(seed: 0);
        return ml.Transforms.DetectSpikeBySsa(nameof(Spike.Judged), nameof(Point.Value), 99.0, 64, TrainingRows, Waves.Season)
            .Fit(Rows(ml, training)).CreateTimeSeriesEngine<Point, Spike>(ml);
    }

    public static ITransformer FitForecast(double[] series, int window)
    {
        var ml = new MLContext(seed: 0);
        return ml.Forecasting.ForecastBySsa(nameof(Ahead.Values), nameof(Point.Value), window, series.Length, series.Length, horizon: 1).Fit(Rows(ml, series));
    }

    private static IDataView Rows(MLContext ml, double[] values) => ml.Data.LoadFromEnumerable(values.Select(v => new Point { Value = (float)v }));

    internal sealed class Point
    {
        public float Value { get; set; }
    }

    internal sealed class Spike
    {
        /// <summary>Alert, raw score, p-value.</summary>
        [VectorType(3)]
        public double[] Judged { get; set; } = new double[3];
    }

    internal sealed class Ahead
    {
        [VectorType]
        public float[] Values { get; set; } = [];
    }
}
