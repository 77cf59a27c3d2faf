using System.Globalization;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Bench;

/// <summary>The share of outcomes within intervals, of 95 % unless another level is asked for, at each step ahead, over series whose law is known.</summary>
internal static class IntervalCoverage
{
    private static readonly string[] Kinds = [KnownLaw.Seasonal, KnownLaw.Autoregression, KnownLaw.Walk, KnownLaw.HeavyNoise, KnownLaw.HeavyWalk];

    /// <summary>Forecasts <c>horizon</c> steps at a level from times (UTC, 100 ns) and values.</summary>
    public delegate Forecast Method(long[] ticks, double[] values, int horizon, double level);

    /// <summary>The family of forecasters, a live one that has followed the series, and one that was fitted to all of it.</summary>
    public static IEnumerable<KeyValuePair<string, Method>> Ours =>
    [
        new("family", (ticks, values, horizon, level) => Forecaster.Fit(ticks, values).Forecast(horizon, level)),
        new("live", (ticks, values, horizon, level) => Followed(ticks, values).Forecast(horizon, level)),
        new("live-fitted", (ticks, values, horizon, level) => LiveForecaster.Fit(ticks, values, TimeSpan.FromHours(1)).Forecast(horizon, level)),
    ];

    /// <summary>
    /// Reads <c>--series N --count N --horizon N --seed N --only KIND --method NAME --percent N</c> and prints a table of every step; with <c>--counts N,N --at N,N</c>
    /// one of several lengths of history at these steps; with <c>--by law</c> not the share of outcomes but that which the law lets expect given each history, which is less by chance.
    /// </summary>
    public static void Run(string[] options, IEnumerable<KeyValuePair<string, Method>> methods)
    {
        var args = new BenchArguments(options);
        var (series, horizon, seed) = (args.Number("--series", 6000), args.Number("--horizon", 60), args.Number("--seed", 1));
        var level = args.Number("--percent", 95) / 100.0;
        var counts = args.Numbers("--counts", [args.Number("--count", 500)]);
        var isByLaw = args.Text("--by") == "law";
        var columns = new List<(string Name, int Count, double[] Share)>();
        var error = 0.0;
        foreach (var (name, method) in methods.Where(m => args.Allows("--method", m.Key)))
            foreach (var kind in Kinds.Where(k => args.Allows("--only", k)))
                foreach (var count in counts)
                {
                    var (shares, most) = Shares(method, kind, series, count, horizon, level, seed, isByLaw);
                    columns.Add(($"{name}, {kind}", count, shares));
                    error = Math.Max(error, most);
                }

        Console.WriteLine(FormattableString.Invariant(
            $"{series} series of {string.Join(", ", counts)} steps each, seed {seed}{(isByLaw ? ", by the law given the history" : "")}; standard error of a share: {error:0.0000} at most"));
        Console.WriteLine();
        if (args.Text("--counts") is null) PrintSteps(columns, horizon);
        else PrintCounts(columns, args.Numbers("--at", [1, 5, 15, 30, 60]));
    }

    /// <summary>A live forecaster that has followed the series from its first value and been fitted whenever that was due.</summary>
    public static LiveForecaster Followed(long[] ticks, double[] values)
    {
        var live = new LiveForecaster(TimeSpan.FromHours(1));
        for (var i = 0; i < values.Length; i++)
        {
            live.Observe(ticks[i], values[i]);
            if (live.RefitDue) live = live.Refitted();
        }

        return live;
    }

    private static void PrintSteps(List<(string Name, int Count, double[] Share)> columns, int horizon)
    {
        Console.WriteLine("| step | " + string.Join(" | ", columns.Select(c => c.Name)) + " |");
        Console.WriteLine("|---:|" + string.Concat(columns.Select(_ => "---:|")));
        for (var h = 0; h < horizon; h++) Row((h + 1).ToString(CultureInfo.InvariantCulture), c => c[h]);
        Row("least", c => c.Min());
        Row("mean", c => c.Average());
        Row("most", c => c.Max());

        void Row(string name, Func<double[], double> of) => Console.WriteLine($"| {name} | " + string.Join(" | ", columns.Select(c => Text(of(c.Share)))) + " |");
    }

    private static void PrintCounts(List<(string Name, int Count, double[] Share)> columns, int[] at)
    {
        Console.WriteLine("| forecaster, kind | steps of history | " + string.Join(" | ", at.Select(h => $"h = {h}")) + " | least | most |");
        Console.WriteLine("|---|---:|" + string.Concat(Enumerable.Repeat("---:|", at.Length + 2)));
        foreach (var (name, count, share) in columns)
            Console.WriteLine($"| {name} | {count} | " + string.Join(" | ", [.. at.Select(h => Text(share[h - 1])), Text(share.Min()), Text(share.Max())]) + " |");
    }

    private static string Text(double share) => share.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>The share at each step, and the largest of their standard errors.</summary>
    private static (double[] Shares, double Error) Shares(Method method, string kind, int series, int count, int horizon, double level, int seed, bool isByLaw)
    {
        // Drawn, because generators whose seeds follow each other give alike numbers at some places.
        var seeds = new Random(seed);
        int[] drawn = [.. Enumerable.Range(0, series).Select(_ => seeds.Next())];
        long[] ticks = [.. Enumerable.Range(1, count).Select(i => i * TimeSpan.TicksPerHour)];
        var inside = new double[series][];
        Parallel.For(0, series, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var values = KnownLaw.Values(kind, count + horizon, drawn[i]);
            var history = values[..count];
            var (_, lower, upper) = method(ticks, history, horizon, level).Intervals[0];
            inside[i] = [.. Enumerable.Range(0, horizon).Select(h => isByLaw ? Expected(KnownLaw.Given(kind, history, h + 1), lower[h], upper[h]) : lower[h] <= values[count + h] && values[count + h] <= upper[h] ? 1 : 0)];
        });
        double[] shares = [.. Enumerable.Range(0, horizon).Select(h => inside.Average(one => one[h]))];
        return (shares, Enumerable.Range(0, horizon).Max(h => Math.Sqrt(inside.Average(one => Math.Pow(one[h] - shares[h], 2)) / series)));
    }

    private static double Expected((double Mean, double Deviation) law, double lower, double upper) =>
        FirstPassage.NormalCdf((upper - law.Mean) / law.Deviation) - FirstPassage.NormalCdf((lower - law.Mean) / law.Deviation);
}
