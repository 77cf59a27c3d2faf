using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.TimeSeries;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.TimeSeries;

/// <summary>
/// ML.NET's own detectors of spikes and changepoints on one series, row by row: those for independent values at first, and once there are
/// <see cref="TrainingRows"/> of them those that model seasons by singular spectrum analysis, fitted to these rows. For comparison; what is
/// known to be wrong with it stands in docs/mlnet-engine.md.
/// </summary>
/// <remarks>
/// Every detector has a model of its own, because engines made from one model share its state. ML.NET takes single precision and knows
/// no missing values: values are taken relative to the first one, and the last value stands in for one that is missing.
/// <see cref="DetectionRow.Score"/> is log10(1 + martingale) of the changepoint detector, <see cref="DetectionRow.PValue"/> that of the
/// spike detector; a changepoint is located where it was noticed, since ML.NET does not look back. Not thread-safe.
/// </remarks>
public sealed class MlNetDetector
{
    /// <summary>Rows that the seasonal model is fitted to.</summary>
    public const int TrainingRows = 512;

    /// <summary>Past values that the p-value of a spike is by.</summary>
    private const int SpikeHistory = 64;

    /// <summary>One false spike in a hundred rows.</summary>
    private const double SpikeConfidence = 99;

    /// <summary>Rows that the martingale of a changepoint is over. It is a product, which a longer history only makes vanish; as in ML.NET's examples.</summary>
    private const int ChangeHistory = 8;

    /// <summary>In percent, as in ML.NET's examples: at 99 a shift by 15 standard deviations is not noticed.</summary>
    private const double ChangeConfidence = 95;

    /// <summary>The window where no season is found.</summary>
    private const int PlainWindow = 32;

    private readonly MLContext _ml = new(seed: 0);
    private readonly Judged _judged = new();
    private TimeSeriesPredictionEngine<Point, Judged> _engine;
    private List<Point>? _training = [];
    private long _lastTicks = long.MinValue, _firstTicks;
    private double? _offset;
    private float _last;

    public MlNetDetector() => _engine = Start(
        _ml.Transforms.DetectIidSpike(nameof(Judged.Spike), nameof(Point.Value), SpikeConfidence, SpikeHistory)
            .Append(_ml.Transforms.DetectIidChangePoint(nameof(Judged.Change), nameof(Point.Value), ChangeConfidence, ChangeHistory)), []);

    /// <summary>Judges the row at <paramref name="ticks"/> (UTC, 100 ns) by the rows before it, then learns from it; NaN for missing.</summary>
    public DetectionRow Observe(long ticks, double value)
    {
        if (ticks <= _lastTicks) return DetectionRow.Neutral;
        if (_lastTicks == long.MinValue) _firstTicks = ticks;
        _lastTicks = ticks;
        var isMissing = !float.IsFinite((float)(value - (_offset ?? 0)));
        if (isMissing && _offset is null) return DetectionRow.Neutral;
        if (!isMissing)
        {
            _offset ??= value;
            _last = (float)(value - _offset.Value);
        }
        var point = new Point { Value = _last };
        var judged = _judged;
        _engine.Predict(point, ref judged);
        var row = isMissing ? DetectionRow.Neutral : Row(judged, ticks);
        Learn(point);
        return row;
    }

    private void Learn(Point point)
    {
        if (_training is null) return;
        _training.Add(point);
        if (_training.Count < TrainingRows) return;
        var step = Math.Max(1, (_lastTicks - _firstTicks) / (TrainingRows - 1));
        var season = SeasonDetection.Find([.. _training.Select(p => (double)p.Value)], step).FirstOrDefault(PlainWindow);
        var window = Math.Clamp(season, 2, TrainingRows / 2 - 1);
        _engine = Start(
            _ml.Transforms.DetectSpikeBySsa(nameof(Judged.Spike), nameof(Point.Value), SpikeConfidence, SpikeHistory, TrainingRows, window)
                .Append(_ml.Transforms.DetectChangePointBySsa(nameof(Judged.Change), nameof(Point.Value), ChangeConfidence, ChangeHistory, TrainingRows, window)), _training);
        _training = null;
    }

    private TimeSeriesPredictionEngine<Point, Judged> Start<T>(IEstimator<T> pipeline, IEnumerable<Point> points) where T : class, ITransformer =>
        pipeline.Fit(_ml.Data.LoadFromEnumerable(points)).CreateTimeSeriesEngine<Point, Judged>(_ml);

    /// <summary>The vectors are: alert, raw score, p-value; and a martingale for changepoints.</summary>
    private static DetectionRow Row(Judged judged, long ticks)
    {
        var isChange = judged.Change[0] > 0;
        var verdict = isChange ? Verdict.Changepoint : judged.Spike[0] > 0 ? Verdict.Spike : Verdict.None;
        var martingale = judged.Change[3];
        return new DetectionRow(double.IsFinite(martingale) ? Math.Log10(1 + Math.Max(0, martingale)) : MostScore,
            double.IsFinite(judged.Spike[2]) ? Math.Clamp(judged.Spike[2], LeastPValue, 1) : 1, verdict, isChange ? ticks : null);
    }

    /// <summary>What an overflown martingale counts as: the decimal exponent at which doubles end.</summary>
    private const double MostScore = 308;

    /// <summary>ML.NET gives zero where its density estimate has no mass left.</summary>
    private const double LeastPValue = 1e-12;

    internal sealed class Point
    {
        public float Value { get; set; }
    }

    internal sealed class Judged
    {
        [VectorType(3)]
        public double[] Spike { get; set; } = new double[3];

        [VectorType(4)]
        public double[] Change { get; set; } = new double[4];
    }
}
