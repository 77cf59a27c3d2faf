using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>
/// Finds the operating regimes of a fleet from its driver metrics by k-means (Lloyd 1982, seeded as k-means++: Arthur and Vassilvitskii
/// 2007), and the mean and spread of every metric in each regime.
/// </summary>
public static class RegimeFit
{
    /// <summary>Most regimes looked for.</summary>
    private const int MostRegimes = 12;

    /// <summary>One more regime must take away this share of the remaining within-regime variance to be worth having.</summary>
    private const double WorthwhileDrop = 0.5;

    /// <summary>
    /// Regimes that leave this share of the drivers' variance are told apart well enough: they lie some thirty times their width apart, and
    /// more of them would only divide their noise.
    /// </summary>
    private const double ExplainedShare = 1e-3;

    private const int LloydIterations = 50;

    /// <summary>A driver that moves less never changes.</summary>
    private const double LeastSpread = 1e-12;

    /// <summary>Fits on the assets' rows before a time. Drivers that the profile does not name are looked for, when it infers its metrics.</summary>
    /// <returns>Null when there are no drivers, or they never change.</returns>
    public static RegimeModel? Fit(
        Profile profile, TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed)
    {
        var drivers = profile.Drivers.Select(profile.MetricIndex).Where(i => i >= 0).ToArray();
        if (drivers.Length == 0 && !profile.InferDrivers) return null;
        var (rows, assetOf) = RegimeRows.Sample(profile, fleet, assets, until, seed);
        if (drivers.Length == 0) drivers = DriverSearch.Find(rows, assetOf);
        if (drivers.Length == 0) return null;
        var points = rows.Select(r => drivers.Select(d => r[d]).ToArray()).Where(p => p.All(double.IsFinite)).ToArray();
        if (points.Length < MostRegimes) return null;
        var scale = drivers.Select((_, d) => Math.Max(Spread(points.Select(p => p[d])), LeastSpread)).ToArray();
        if (scale.All(s => s == LeastSpread)) return null;
        var centres = Cluster(points, scale, new Random((int)(seed % int.MaxValue)));
        var regimes = new RegimeModel(drivers, scale, [.. centres.SelectMany(c => c)], [], []);
        return regimes with { Means = Statistics(profile, rows, regimes, out var spreads), Spreads = spreads };
    }

    private static double[][] Cluster(double[][] points, double[] scale, Random random)
    {
        var best = Lloyd(points, scale, 1, random, out var variance);
        var explained = ExplainedShare * variance;
        for (var k = 2; k <= MostRegimes && variance > explained; k++)
        {
            var more = Lloyd(points, scale, k, random, out var smaller);
            if (smaller > (1 - WorthwhileDrop / k) * variance) continue;
            (best, variance) = (more, smaller);
        }
        return best;
    }

    private static double[][] Lloyd(double[][] points, double[] scale, int count, Random random, out double variance)
    {
        var centres = new List<double[]> { points[random.Next(points.Length)] };
        while (centres.Count < count)
        {
            var weights = points.Select(p => centres.Min(c => Distance(p, c, scale))).ToArray();
            var at = random.NextDouble() * weights.Sum();
            var chosen = 0;
            while (chosen < points.Length - 1 && (at -= weights[chosen]) > 0) chosen++;
            centres.Add(points[chosen]);
        }
        variance = double.PositiveInfinity;
        for (var i = 0; i < LloydIterations; i++)
        {
            var nearest = points.ToLookup(p => Enumerable.Range(0, centres.Count).MinBy(c => Distance(p, centres[c], scale)));
            for (var c = 0; c < centres.Count; c++)
                if (nearest[c].Any()) centres[c] = [.. scale.Select((_, d) => nearest[c].Average(p => p[d]))];
            var now = points.Sum(p => centres.Min(c => Distance(p, c, scale)));
            if (now >= variance * (1 - 1e-6)) break;
            variance = now;
        }
        return [.. centres];
    }

    private static double[] Statistics(Profile profile, List<double[]> rows, RegimeModel regimes, out double[] spreads)
    {
        var k = profile.Metrics.Length;
        var byRegime = rows.ToLookup(r => regimes.RegimeOf(r));
        var means = new double[regimes.Count * k];
        spreads = new double[regimes.Count * k];
        for (var r = 0; r < regimes.Count; r++)
            for (var m = 0; m < k; m++)
            {
                var values = byRegime[r].Select(row => EvidenceModel.Transform(row[m])).Where(double.IsFinite).ToArray();
                means[r * k + m] = values.Length == 0 ? 0 : values.Average();
                // A metric that is constant in a regime is only centred, not blown up.
                var spread = values.Length < 2 ? 0 : Spread(values);
                spreads[r * k + m] = spread > 1e-9 ? spread : 1;
            }
        return means;
    }

    private static double Distance(double[] a, double[] b, double[] scale)
    {
        double sum = 0;
        for (var d = 0; d < scale.Length; d++) sum += Math.Pow((a[d] - b[d]) / scale[d], 2);
        return sum;
    }

    private static double Spread(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var mean = all.Average();
        return Math.Sqrt(all.Average(v => (v - mean) * (v - mean)));
    }
}
