using System.Globalization;
using ServiMon.Predict.Forecasting;

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
    /// one of several lengths of history at these steps.
    /// </summary>
    public static void Run(string[] options, IEnumerable<KeyValuePair<string, Method>> methods)
    {
        var args = new BenchArguments(options);
        var (series, horizon, seed) = (args.Number("--series", 6000), args.Number("--horizon", 60), args.Number("--seed", 1));
        var level = args.Number("--percent", 95) / 100.0;
        var counts = args.Numbers("--counts", [args.Number("--count", 500)]);
        var columns = new List<(string Name, int Count, double[] Share)>();
        foreach (var (name, method) in methods.Where(m => args.Allows("--method", m.Key)))
            foreach (var kind in Kinds.Where(k => args.Allows("--only", k)))
                foreach (var count in counts)
                    columns.Add(($"{name}, {kind}", count, Shares(method, kind, series, count, horizon, level, seed)));

        Console.WriteLine(FormattableString.Invariant(
            $"{series} series of {string.Join(", ", counts)} steps each, seed {seed}; standard error of a share of {level}: {Math.Sqrt(level * (1 - level) / series):0.0000}"));
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

    private static double[] Shares(Method method, string kind, int series, int count, int horizon, double level, int seed)
    {
        // Drawn, because generators whose seeds follow each other give alike numbers at some places.
        var seeds = new Random(seed);
        int[] drawn = [.. Enumerable.Range(0, series).Select(_ => seeds.Next())];
        long[] ticks = [.. Enumerable.Range(1, count).Select(i => i * TimeSpan.TicksPerHour)];
        var inside = new int[horizon];
        Parallel.ForEach(drawn, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, one =>
        {
            var values = KnownLaw.Values(kind, count + horizon, one);
            var forecast = method(ticks, values[..count], horizon, level);
            var (_, lower, upper) = forecast.Intervals[0];
            for (var h = 0; h < horizon; h++)
                if (lower[h] <= values[count + h] && values[count + h] <= upper[h]) Interlocked.Increment(ref inside[h]);
        });
        return [.. inside.Select(n => n / (double)series)];
    }
}
