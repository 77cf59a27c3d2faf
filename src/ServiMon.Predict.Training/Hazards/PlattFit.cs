using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Fits a <see cref="PlattCalibration"/> by maximum likelihood with Platt's smoothed targets (Platt, 1999, section 2.2), counted in incidents:
/// rows of one incident are one observation, so n incidents give the target (n + 1) / (n + 2). The slope has a Gaussian prior at 1.
/// </summary>
internal static class PlattFit
{
    // A score that deserves a steeper slope than this was regularised far too much; steeper fits come from separation by chance.
    private const double SteepestSlope = 3;

    // Prior standard deviation of the slope: penalised scores are rarely off by more than half. It matters below about 20 incidents.
    private const double SlopeDeviation = 0.5;

    /// <param name="score">Log-odds out of fold.</param>
    /// <param name="incidents">Distinct incidents among the positive rows.</param>
    public static PlattCalibration Fit(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, int incidents)
    {
        double positive = 0, negative = 0, mean = 0;
        for (var i = 0; i < score.Length; i++)
        {
            if (label[i]) positive += weight[i];
            else negative += weight[i];
            mean += weight[i] * score[i];
        }
        if (positive == 0 || negative == 0 || incidents == 0)
            return new PlattCalibration(0, LogOdds.Of(positive == 0 ? 0 : positive / (positive + negative)));
        // One incident weighs positive / n, so the negatives come to this many observations of that weight.
        var unit = positive / incidents;
        var rows = new Smoothed(score, label, weight)
        {
            Mean = mean / (positive + negative),
            High = (incidents + 1.0) / (incidents + 2.0),
            Low = 1 / (negative / unit + 2),
            Penalty = unit / (SlopeDeviation * SlopeDeviation),
        };
        var rate = LogOdds.Of((positive * rows.High + negative * rows.Low) / (positive + negative));
        var (slope, offset) = Newton(rows, rate);
        if (slope <= 0 || !double.IsFinite(slope) || !double.IsFinite(offset)) return new PlattCalibration(0, rate);
        if (slope > SteepestSlope) (slope, offset) = (SteepestSlope, Offset(rows, SteepestSlope, offset));
        return new PlattCalibration(slope, offset - slope * rows.Mean);
    }

    private static (double Slope, double Offset) Newton(in Smoothed rows, double rate)
    {
        double slope = 0, offset = rate, damping = 1e-9;
        var loss = rows.Loss(slope, offset);
        for (var step = 0; step < 100; step++)
        {
            var d = rows.Derivatives(slope, offset);
            var haa = d.SlopeSlope * (1 + damping) + 1e-12;
            var hbb = d.OffsetOffset * (1 + damping) + 1e-12;
            var determinant = haa * hbb - d.SlopeOffset * d.SlopeOffset;
            if (!(determinant > 0)) break;
            var da = (hbb * d.Slope - d.SlopeOffset * d.Offset) / determinant;
            var db = (haa * d.Offset - d.SlopeOffset * d.Slope) / determinant;
            var next = rows.Loss(slope - da, offset - db);
            if (next <= loss)
            {
                (slope, offset, damping) = (slope - da, offset - db, Math.Max(1e-9, damping / 10));
                if (loss - next < 1e-10 * (1 + loss)) break;
                loss = next;
            }
            else if ((damping = Math.Max(1e-3, damping * 10)) > 1e9) break;
        }
        return (slope, offset);
    }

    /// <summary>The best offset for a fixed slope, by bisection: the gradient rises with the offset.</summary>
    private static double Offset(in Smoothed rows, double slope, double start)
    {
        double from = start - 100, to = start + 100;
        for (var step = 0; step < 60; step++)
        {
            var middle = (from + to) / 2;
            if (rows.Derivatives(slope, middle).Offset > 0) to = middle;
            else from = middle;
        }
        return (from + to) / 2;
    }

    private readonly record struct Gradient(double Slope, double Offset, double SlopeSlope, double SlopeOffset, double OffsetOffset);

    /// <summary>The penalised loss on rows with smoothed targets. Scores are centered, so that slope and offset are nearly independent.</summary>
    private readonly ref struct Smoothed(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight)
    {
        private readonly ReadOnlySpan<double> _score = score;
        private readonly ReadOnlySpan<bool> _label = label;
        private readonly ReadOnlySpan<float> _weight = weight;

        public required double Mean { get; init; }

        public required double High { get; init; }

        public required double Low { get; init; }

        public required double Penalty { get; init; }

        public double Loss(double slope, double offset)
        {
            var sum = Penalty / 2 * (slope - 1) * (slope - 1);
            for (var i = 0; i < _score.Length; i++)
            {
                var x = slope * (_score[i] - Mean) + offset;
                sum += _weight[i] * (LogOdds.SoftPlus(x) - (_label[i] ? High : Low) * x);
            }
            return sum;
        }

        public Gradient Derivatives(double slope, double offset)
        {
            double ga = Penalty * (slope - 1), gb = 0, haa = Penalty, hab = 0, hbb = 0;
            for (var i = 0; i < _score.Length; i++)
            {
                var x = _score[i] - Mean;
                var p = LogOdds.Probability(slope * x + offset);
                var error = _weight[i] * (p - (_label[i] ? High : Low));
                var curvature = _weight[i] * p * (1 - p);
                ga += error * x;
                gb += error;
                haa += curvature * x * x;
                hab += curvature * x;
                hbb += curvature;
            }
            return new Gradient(ga, gb, haa, hab, hbb);
        }
    }
}
