using System.Globalization;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Bench;

/// <summary>
/// The share of outcomes within 95 % intervals at each step ahead, over series whose law is known: a wave of 24 steps and amplitude 10 with unit
/// noise, an autoregression of order one at 0.8, a random walk.
/// </summary>
internal static class IntervalCoverage
{
    private const double Level = 0.95;

    private static readonly string[] Kinds = ["seasonal", "ar1", "random-walk"];

    /// <summary>Forecasts <c>horizon</c> steps at a level from times (UTC, 100 ns) and values.</summary>
    public delegate Forecast Method(long[] ticks, double[] values, int horizon, double level);

    /// <summary>The family of forecasters, and one that has followed the series.</summary>
    public static IEnumerable<KeyValuePair<string, Method>> Ours =>
        [new("family", (ticks, values, horizon, level) => Forecaster.Fit(ticks, values).Forecast(horizon, level)), new("live", Live)];

    /// <summary>Reads <c>--series N --count N --horizon N --seed N --only KIND --method NAME</c> and prints a table.</summary>
    public static void Run(string[] args, IEnumerable<KeyValuePair<string, Method>> methods)
    {
        int Number(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        var (series, count, horizon, seed) = (Number("--series", 6000), Number("--count", 500), Number("--horizon", 60), Number("--seed", 1));
        var columns = new List<(string Name, double[] Share)>();
        foreach (var (name, method) in methods)
            foreach (var kind in Kinds)
                if ((Text("--method") ?? name) == name && (Text("--only") ?? kind) == kind)
                    columns.Add(($"{name}, {kind}", Shares(method, kind, series, count, horizon, seed)));

        Console.WriteLine(FormattableString.Invariant(
            $"{series} series of {count} steps each, seed {seed}; standard error of a share of {Level}: {Math.Sqrt(Level * (1 - Level) / series):0.0000}"));
        Console.WriteLine();
        Console.WriteLine("| step | " + string.Join(" | ", columns.Select(c => c.Name)) + " |");
        Console.WriteLine("|---:|" + string.Concat(columns.Select(_ => "---:|")));
        for (var h = 0; h < horizon; h++) Row((h + 1).ToString(CultureInfo.InvariantCulture), c => c[h]);
        Row("least", c => c.Min());
        Row("mean", c => c.Average());
        Row("most", c => c.Max());

        void Row(string name, Func<double[], double> of) =>
            Console.WriteLine($"| {name} | " + string.Join(" | ", columns.Select(c => of(c.Share).ToString("0.0000", CultureInfo.InvariantCulture))) + " |");
    }

    private static double[] Shares(Method method, string kind, int series, int count, int horizon, int seed)
    {
        // Drawn, because generators whose seeds follow each other give alike numbers at some places.
        var seeds = new Random(seed);
        int[] drawn = [.. Enumerable.Range(0, series).Select(_ => seeds.Next())];
        long[] ticks = [.. Enumerable.Range(1, count).Select(i => i * TimeSpan.TicksPerHour)];
        var inside = new int[horizon];
        Parallel.ForEach(drawn, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, one =>
        {
            var values = Values(kind, count + horizon, one);
            var forecast = method(ticks, values[..count], horizon, Level);
            var (_, lower, upper) = forecast.Intervals[0];
            for (var h = 0; h < horizon; h++)
                if (lower[h] <= values[count + h] && values[count + h] <= upper[h]) Interlocked.Increment(ref inside[h]);
        });
        return [.. inside.Select(n => n / (double)series)];
    }

    /// <summary>One that has followed the series from its first value and been fitted whenever that was due.</summary>
    private static Forecast Live(long[] ticks, double[] values, int horizon, double level)
    {
        var live = new LiveForecaster(TimeSpan.FromHours(1));
        for (var i = 0; i < values.Length; i++)
        {
            live.Observe(ticks[i], values[i]);
            if (live.RefitDue) live = live.Refitted();
        }

        return live.Forecast(horizon, level);
    }

    private static double[] Values(string kind, int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count];
        double state = Gaussian(random) / 0.6, walk = 0;
        for (var i = 0; i < count; i++)
        {
            var noise = Gaussian(random);
            (state, walk) = (0.8 * state + noise, walk + noise);
            values[i] = kind switch { "seasonal" => 10 * Math.Sin(2 * Math.PI * i / 24) + noise, "ar1" => state, _ => walk };
        }

        return values;
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
