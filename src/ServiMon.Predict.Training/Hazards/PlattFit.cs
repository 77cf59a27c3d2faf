using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Fits a <see cref="PlattCalibration"/> by maximum likelihood with Platt's smoothed targets (Platt, 1999, section 2.2), counted in incidents:
/// rows of one incident are one observation, so n incidents give the target (n + 1) / (n + 2).
/// </summary>
internal static class PlattFit
{
    // A score that deserves a steeper slope than this was regularised far too much; steeper fits come from separation by chance.
    private const double SteepestSlope = 3;

    /// <param name="score">Log-odds out of fold.</param>
    /// <param name="incidents">Distinct incidents among the positive rows.</param>
    public static PlattCalibration Fit(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, int incidents)
    {
        double positive = 0, negative = 0;
        for (var i = 0; i < score.Length; i++)
            if (label[i]) positive += weight[i];
            else negative += weight[i];
        if (positive == 0 || negative == 0 || incidents == 0) return new PlattCalibration(0, LogOdds.Of(positive == 0 ? 0 : positive / (positive + negative)));
        var high = (incidents + 1.0) / (incidents + 2.0);
        // One incident weighs positive / n, so the negatives come to this many observations of that weight.
        var low = 1 / (negative / (positive / incidents) + 2);
        var rate = LogOdds.Of((positive * high + negative * low) / (positive + negative));
        var best = Newton(score, label, weight, high, low, rate);
        if (best.Slope <= 0 || !double.IsFinite(best.Slope) || !double.IsFinite(best.Offset)) return new PlattCalibration(0, rate);
        return best.Slope <= SteepestSlope ? best : new PlattCalibration(SteepestSlope, Offset(score, label, weight, high, low, SteepestSlope, best.Offset * SteepestSlope / best.Slope));
    }

    private static PlattCalibration Newton(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, double high, double low, double rate)
    {
        // Scores are centered so that slope and offset are nearly independent and the Hessian is well conditioned.
        double total = 0, mean = 0;
        for (var i = 0; i < score.Length; i++)
        {
            total += weight[i];
            mean += weight[i] * score[i];
        }
        mean /= total;
        double slope = 0, offset = rate, damping = 1e-9;
        var loss = Loss(score, label, weight, high, low, mean, slope, offset);
        for (var step = 0; step < 100; step++)
        {
            double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
            for (var i = 0; i < score.Length; i++)
            {
                var x = score[i] - mean;
                var p = LogOdds.Probability(slope * x + offset);
                var e = weight[i] * (p - (label[i] ? high : low));
                var c = weight[i] * p * (1 - p);
                ga += e * x;
                gb += e;
                haa += c * x * x;
                hab += c * x;
                hbb += c;
            }
            haa = haa * (1 + damping) + 1e-12;
            hbb = hbb * (1 + damping) + 1e-12;
            var determinant = haa * hbb - hab * hab;
            if (!(determinant > 0)) break;
            var da = (hbb * ga - hab * gb) / determinant;
            var db = (haa * gb - hab * ga) / determinant;
            var next = Loss(score, label, weight, high, low, mean, slope - da, offset - db);
            if (next <= loss)
            {
                (slope, offset, damping) = (slope - da, offset - db, Math.Max(1e-9, damping / 10));
                if (loss - next < 1e-10 * (1 + loss)) break;
                loss = next;
            }
            else if ((damping = Math.Max(1e-3, damping * 10)) > 1e9) break;
        }
        return new PlattCalibration(slope, offset - slope * mean);
    }

    private static double Loss(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, double high, double low, double mean, double slope, double offset)
    {
        var sum = 0.0;
        for (var i = 0; i < score.Length; i++)
        {
            var x = slope * (score[i] - mean) + offset;
            sum += weight[i] * (LogOdds.SoftPlus(x) - (label[i] ? high : low) * x);
        }
        return sum;
    }

    /// <summary>The best offset for a fixed slope, by bisection: the gradient rises with the offset.</summary>
    private static double Offset(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, double high, double low, double slope, double start)
    {
        double from = start - 100, to = start + 100;
        for (var step = 0; step < 60; step++)
        {
            var middle = (from + to) / 2;
            var gradient = 0.0;
            for (var i = 0; i < score.Length; i++) gradient += weight[i] * (LogOdds.Probability(slope * score[i] + middle) - (label[i] ? high : low));
            if (gradient > 0) to = middle;
            else from = middle;
        }
        return (from + to) / 2;
    }
}
