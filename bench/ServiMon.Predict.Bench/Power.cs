using System.Collections.Concurrent;
using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Bench;

/// <summary>
/// How many planted anomalies are told at a rate of false alarms, on series whose law is known: single values and changes of level, by their size in
/// deviations of what one step brings that nobody could know. Beside the spikes, what one who knows the law would find.
/// </summary>
internal static class Power
{
    private const double FalseAlarmsPerDay = 0.1;

    /// <summary>Days before anything is planted.</summary>
    private const int Days = 21;

    private static readonly (string Name, double Persistence, double Amplitude, bool Weekly)[] Laws =
    [
        ("independent", 0, 0, false), ("AR(1) .8", 0.8, 0, false), ("AR(1) .95", 0.95, 0, false), ("walk", 1, 0, false),
        ("day, amplitude 1", 0, 1, false), ("day, amplitude 3", 0, 3, false), ("day, amplitude 10", 0, 10, false), ("day, amplitude 30", 0, 30, false),
        ("day 10, AR(1) .8", 0.8, 10, false), ("working hours 10", 0, 10, true),
    ];

    private static readonly double[] Sizes = [4, 6, 8, 12];

    private static readonly double[] Shifts = [1, 2, 4, 8];

    /// <summary>A change counts as told where it is located within so many steps: one that is located elsewhere is a verdict on something else.</summary>
    private const double NearSteps = 16;

    /// <summary>Reads <c>--series N --seed N</c> and prints a table for each step.</summary>
    public static void Run(BenchArguments args)
    {
        var (series, seed) = (args.Number("--series", 40), args.Number("--seed", 1));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{series} series each, seed {seed}, {FalseAlarmsPerDay} false alarms a day; planted after {Days} days"));
        foreach (var minutes in new[] { 1, 10, 60 })
        {
            Console.WriteLine();
            Console.WriteLine($"| {minutes} min | {string.Join(" | ", Sizes.Select(s => $"spike {s}"))} | {string.Join(" | ", Sizes.Select(s => $"known {s}"))} | {string.Join(" | ", Shifts.Select(s => $"shift {s}"))} | steps to it | off by | false, a day |");
            Console.WriteLine("|---|" + string.Concat(Enumerable.Repeat("---:|", 2 * Sizes.Length + Shifts.Length + 3)));
            foreach (var law in Laws)
            {
                var (told, known, shifts, delay, off, alarms) = Measured(law, minutes, series, seed);
                string Shares(double[] of) => string.Join(" | ", of.Select(v => v.ToString("0.00", CultureInfo.InvariantCulture)));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {law.Name} | {Shares(told)} | {Shares(known)} | {Shares(shifts)} | {delay:0} | {off:0} | {alarms:0.00} |"));
            }
        }
    }

    private static (double[] Told, double[] Known, double[] Shifts, double Delay, double Off, double Alarms) Measured(
        (string Name, double Persistence, double Amplitude, bool Weekly) law, int minutes, int series, int seed)
    {
        var settled = Days * 1440 / minutes;
        var count = settled + Math.Max(2 * 1440 / minutes, 400);
        var spikes = new ConcurrentBag<(int Size, bool Told)>();
        var changes = new ConcurrentBag<(int Size, bool Told, double Delay, double Off)>();
        var alarms = 0;
        Parallel.For(0, series, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var random = new Random(101 * (seed + i) + minutes);
            var phase = random.NextDouble();
            var clean = new double[count];
            var state = 0.0;
            for (var t = 0; t < count; t++)
            {
                var day = (double)minutes * t / 1440;
                state = law.Persistence * state + KnownLaw.Gaussian(random);
                // Working hours: nine of the day, five days of seven, with ramps of half an hour.
                var hour = (day + phase) % 1 * 24;
                var work = (int)(day + phase) % 7 < 5 ? Math.Clamp(Math.Min((hour - 8) * 2, (17 - hour) * 2), 0, 1) : 0;
                clean[t] = 100 + state + law.Amplitude * (law.Weekly ? work : Math.Sin(2 * Math.PI * (day + phase)));
            }

            var detector = new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = FalseAlarmsPerDay });
            var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            var raised = 0;
            DetectionRow Observe(SeriesDetector of, int t, double value) => of.Observe(start.AddMinutes((double)minutes * t).Ticks, value);
            for (var t = 0; t < settled; t++)
                if (Observe(detector, t, clean[t]).Verdict != Verdict.None && t >= settled / 3) raised++;
            Interlocked.Add(ref alarms, raised);
            var other = new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = FalseAlarmsPerDay });
            // Changes from one place on, told within two days or 400 steps.
            for (var s = 0; s < Shifts.Length; s++)
            {
                other.CopyFrom(detector);
                var found = -1;
                double off = 0;
                for (var t = settled; t < count && found < 0; t++)
                {
                    var row = Observe(other, t, clean[t] + Shifts[s]);
                    if (row.Verdict != Verdict.Changepoint) continue;
                    off = Math.Abs((row.LocationTicks!.Value - start.AddMinutes((double)minutes * settled).Ticks) / (double)TimeSpan.FromMinutes(minutes).Ticks);
                    if (off <= NearSteps) found = t - settled;
                }
                changes.Add((s, found >= 0, found, off));
            }

            // Spikes at ten places, each from where the clean series had brought the detector.
            var places = Enumerable.Range(0, 10).Select(_ => settled + random.Next(count - settled)).Order().ToArray();
            var at = settled;
            foreach (var place in places)
            {
                for (; at < place; at++) Observe(detector, at, clean[at]);
                for (var s = 0; s < Sizes.Length; s++)
                {
                    other.CopyFrom(detector);
                    var sign = random.Next(2) * 2 - 1;
                    spikes.Add((s, Observe(other, place, clean[place] + sign * Sizes[s]).Verdict == Verdict.Spike));
                }
            }
        });

        // Where the law is known, the noise of a step alone is left: it and the planted size, beyond what clean noise exceeds at that rate.
        var limit = StudentT.Quantile(1 - FalseAlarmsPerDay * minutes / 1440 / 2, double.PositiveInfinity);
        double[] known = [.. Sizes.Select(s => FirstPassage.NormalCdf(s - limit) + FirstPassage.NormalCdf(-s - limit))];
        var found = changes.Where(c => c.Told).ToList();
        return (
            [.. Sizes.Select((_, s) => spikes.Where(r => r.Size == s).Average(r => r.Told ? 1.0 : 0))], known,
            [.. Shifts.Select((_, s) => changes.Where(r => r.Size == s).Average(r => r.Told ? 1.0 : 0))],
            found.Count > 0 ? found.Average(r => r.Delay) : double.NaN, found.Count > 0 ? found.Average(r => r.Off) : double.NaN,
            alarms / (Days * 2.0 / 3) / series);
    }
}
