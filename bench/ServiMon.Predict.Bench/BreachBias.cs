using System.Globalization;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Bench;

/// <summary>
/// The probability that a limit is passed, as it is said, against the true one given the state, which the known law's own paths tell: mean of both, mean
/// difference with its standard error, and root mean square difference, over series.
/// </summary>
internal static class BreachBias
{
    /// <summary>Paths of the law for each series and limit: a standard error of at most 0.008, in every difference once.</summary>
    private const int TruePaths = 4096;

    /// <summary>Above <see cref="KnownLaw.Centre"/>. A near one and a far one of each kind.</summary>
    private static readonly (string Kind, double Limit)[] Cases =
    [
        (KnownLaw.Noise, 2.5), (KnownLaw.Noise, 3.2), (KnownLaw.Autoregression, 2.5), (KnownLaw.Autoregression, 4),
        (KnownLaw.Walk, 2), (KnownLaw.Walk, 6), (KnownLaw.Seasonal, 11.5), (KnownLaw.Seasonal, 12.5), (KnownLaw.Trend, 3), (KnownLaw.Trend, 4),
        (KnownLaw.HeavyNoise, 2.5), (KnownLaw.HeavyNoise, 4), (KnownLaw.HeavyWalk, 2), (KnownLaw.HeavyWalk, 6),
    ];

    private delegate double[] Method(long[] ticks, double[] values, double limit, int[] steps);

    private static readonly (string Name, Method Said)[] Methods =
    [
        ("family", (ticks, values, limit, steps) => Said(BreachEstimate.Of(Forecaster.Fit(ticks, values).Forecast(steps[^1]), limit, below: false, steps))),
        ("live", (ticks, values, limit, steps) => Said(IntervalCoverage.Followed(ticks, values).Breach(limit, below: false, steps))),
        ("live-fitted", (ticks, values, limit, steps) =>
            Said(LiveForecaster.Fit(ticks, values, TimeSpan.FromHours(1)).Breach(limit, below: false, steps))),
        ("as-a-walk", (_, values, limit, steps) => AsWalk(values, limit, steps)),
        ("as-before", (_, values, limit, steps) => AsBefore(values, limit, steps)),
    ];

    /// <summary>Reads <c>--series N --count N --steps N,N --seed N --only KIND --method NAME</c> and prints a table.</summary>
    public static void Run(BenchArguments args)
    {
        var (series, count, seed) = (args.Number("--series", 1000), args.Number("--count", 500), args.Number("--seed", 1));
        var steps = args.Numbers("--steps", [1, 5, 20, 60]);
        Console.WriteLine(FormattableString.Invariant($"{series} series of {count} steps each, seed {seed}. Each cell: mean said - true +- standard error, root mean square difference"));
        Console.WriteLine();
        Console.WriteLine("| kind, limit | method | " + string.Join(" | ", steps.Select(s => $"{s} steps")) + " |");
        Console.WriteLine("|---|---|" + string.Concat(steps.Select(_ => "---|")));
        foreach (var (kind, limit) in Cases.Where(c => args.Allows("--only", c.Kind)))
        {
            var seeds = new Random(seed);
            int[] drawn = [.. Enumerable.Range(0, series).Select(_ => seeds.Next())];
            var truths = new double[series][];
            var inputs = new double[series][];
            var limits = new double[series];
            Parallel.For(0, series, i =>
            {
                inputs[i] = KnownLaw.Values(kind, count, drawn[i]);
                limits[i] = KnownLaw.Centre(kind, count, inputs[i][^1]) + limit;
                truths[i] = True(kind, inputs[i], limits[i], steps, drawn[i]);
            });
            Row("true", [.. steps.Select((_, s) => truths.Average(t => t[s]).ToString("0.000", CultureInfo.InvariantCulture))]);
            foreach (var (name, method) in Methods.Where(m => args.Allows("--method", m.Name)))
            {
                var off = new double[series][];
                long[] ticks = [.. Enumerable.Range(1, count).Select(i => i * TimeSpan.TicksPerHour)];
                Parallel.For(0, series, i => off[i] = [.. method(ticks, inputs[i], limits[i], steps).Zip(truths[i], (said, truth) => said - truth)]);
                Row(name, [.. steps.Select((_, s) => Cell([.. off.Select(o => o[s])]))]);
            }

            void Row(string name, string[] cells) =>
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind}, {limit} | {name} | {string.Join(" | ", cells)} |"));
        }
    }

    private static double[] Said(BreachEstimate[] estimates) => [.. estimates.Select(e => e.Probability)];

    private static string Cell(double[] off)
    {
        var (mean, square) = (off.Average(), off.Average(o => o * o));
        return string.Create(CultureInfo.InvariantCulture, $"{mean:+0.000;-0.000} +- {Math.Sqrt((square - mean * mean) / off.Length):0.000}, {Math.Sqrt(square):0.000}");
    }

    private static double[] True(string kind, double[] values, double limit, int[] steps, int seed)
    {
        // Apart from the series' own draws.
        var random = new Random(unchecked(seed * 31 + 7));
        var passed = new double[steps.Length];
        for (var path = 0; path < TruePaths; path++)
        {
            var last = values[^1];
            for (var h = 1; h <= steps[^1]; h++)
            {
                last = KnownLaw.Next(kind, values.Length - 1 + h, last, KnownLaw.Innovation(kind, random));
                if (last < limit) continue;
                for (var s = 0; s < steps.Length; s++)
                    if (h <= steps[s]) passed[s] += 1.0 / TruePaths;
                break;
            }
        }

        return passed;
    }

    /// <summary>A random walk with the series' own changes, by the reflection principle; looked at once a step (Broadie, Glasserman and Kou 1997).</summary>
    private static double[] AsWalk(double[] values, double limit, int[] steps)
    {
        var deviation = Math.Sqrt(values.Zip(values.Skip(1), (a, b) => (b - a) * (b - a)).Average());
        var distance = Math.Max(0, limit - values[^1] + 0.5826 * deviation);
        return [.. steps.Select(s => 2 * FirstPassage.NormalCdf(-distance / (deviation * Math.Sqrt(s))))];
    }

    /// <summary>The share of earlier stretches in which the limit was passed; of changes from the value before them for a walk it would be the same law.</summary>
    private static double[] AsBefore(double[] values, double limit, int[] steps) =>
        [.. steps.Select(s => Enumerable.Range(0, values.Length - s).Average(i => values.AsSpan(i + 1, s).ContainsAnyInRange(limit, double.MaxValue) ? 1.0 : 0))];
}
