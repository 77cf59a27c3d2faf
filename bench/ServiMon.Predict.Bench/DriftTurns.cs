using System.Globalization;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Bench;

/// <summary>How often drift is told of a clean series, and how soon of one that rises: noise that persists, and seasons of a day, at steps of a minute, five and an hour.</summary>
internal static class DriftTurns
{
    /// <summary>By how much the second half of a series rises in all, in deviations of its noise.</summary>
    private const double Rise = 4;

    private static readonly (string Name, double Persistence, double Amplitude)[] Laws =
    [
        ("independent", 0, 0), ("AR(1) .8", 0.8, 0), ("AR(1) .95", 0.95, 0), ("sine .5", 0, 0.5), ("sine 1", 0, 1), ("sine 3", 0, 3), ("sine 10", 0, 10),
    ];

    /// <summary>Reads <c>--series N --seed N</c> and prints a table.</summary>
    public static void Run(BenchArguments args)
    {
        var (series, seed) = (args.Number("--series", 20), args.Number("--seed", 1));
        Console.WriteLine($"{series} series each, seed {seed}");
        Console.WriteLine();
        Console.WriteLine("| step, days | series | told of a clean one, times | rising: share told | after days |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (minutes, count) in new[] { (1, 20_160), (5, 12_000), (60, 8_000) })
            foreach (var (name, persistence, amplitude) in Laws)
            {
                var clean = Told(0).Sum(t => t.Count);
                var half = minutes * (count / 2) / 1440.0;
                double[] delays = [.. Told(Rise).Where(t => t.Exists(day => day > half)).Select(t => t.First(day => day > half) - half)];
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {minutes} min, {minutes * count / 1440.0:0} | {name} | {clean / (double)series:0.00} | {delays.Length / (double)series:0.00} | {(delays.Length > 0 ? delays.Average() : double.NaN):0.0} |"));

                IEnumerable<List<double>> Told(double rise) =>
                    Enumerable.Range(0, series).Select(i => Turns(new Random(7 * (seed + i) + 3), count, minutes, persistence, amplitude, rise));
            }
    }

    /// <summary>The days at which drift began to be told.</summary>
    private static List<double> Turns(Random random, int count, int minutes, double persistence, double amplitude, double rise)
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var detector = new SeriesDetector();
        var turns = new List<double>();
        var (state, was, phase) = (0.0, false, random.NextDouble());
        for (var i = 0; i < count; i++)
        {
            var day = (double)minutes * i / 1440;
            state = persistence * state + Math.Sqrt(1 - persistence * persistence) * KnownLaw.Gaussian(random);
            detector.Observe(start.AddMinutes((double)minutes * i).Ticks, state + amplitude * Math.Sin(2 * Math.PI * (day + phase)) + rise * Math.Max(0, i - count / 2) / (count / 2));
            var isDrifting = detector.Health.IsDrifting;
            if (isDrifting && !was) turns.Add(day);
            was = isDrifting;
        }
        return turns;
    }
}
