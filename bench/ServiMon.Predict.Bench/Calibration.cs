using System.Collections.Concurrent;
using System.Globalization;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Bench;

/// <summary>
/// Whether the p-values of spikes are uniform on clean series, and verdicts as frequent as asked: for each law the verdicts as a share of what was
/// asked, and the Kolmogorov-Smirnov distance of the p-values from the uniform law, over all series together and the largest of a series.
/// </summary>
internal static class Calibration
{
    /// <summary>Rows before anything is counted, as in the tests.</summary>
    private const int Settled = 500;

    /// <summary>Rows at which the share of verdicts is told apart with <c>--ages</c>.</summary>
    private static readonly int[] Ages = [Settled, 1000, 2000, 5000, 10_000, 20_000];

    private static readonly Column[] Columns =
    [
        new("1 h", TimeSpan.FromHours(1), 1, SpikeDirection.Both, Distance: false),
        new("1 h", TimeSpan.FromHours(1), 0.1, SpikeDirection.Both),
        new("1 h, up", TimeSpan.FromHours(1), 0.2, SpikeDirection.Up),
        new("1 h, down", TimeSpan.FromHours(1), 0.2, SpikeDirection.Down),
        new("5 min", TimeSpan.FromMinutes(5), 1, SpikeDirection.Both, Distance: false),
        new("5 min", TimeSpan.FromMinutes(5), 0.2, SpikeDirection.Both),
        new("1 min", TimeSpan.FromMinutes(1), 1, SpikeDirection.Both),
        new("1 min, up", TimeSpan.FromMinutes(1), 1, SpikeDirection.Up),
        new("1 min, down", TimeSpan.FromMinutes(1), 1, SpikeDirection.Down),
        new("1 min", TimeSpan.FromMinutes(1), 0.2, SpikeDirection.Both, Distance: false),
    ];

    /// <summary>Reads <c>--series N --count N --seed N --only LAW --ages</c> and prints two tables; with the last also verdicts by the age of the series.</summary>
    public static void Run(string[] args)
    {
        string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
        int Number(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var (series, count, seed) = (Number("--series", 48), Number("--count", 20_000), Number("--seed", 1));
        // Drawn, because generators whose seeds follow each other give alike numbers at some places.
        var seeds = new Random(seed);
        int[] drawn = [.. Enumerable.Range(0, series).Select(_ => seeds.Next())];
        string[] laws = [.. CleanSeries.Laws.Where(law => (Text("--only") ?? law) == law)];
        var cells = laws.ToDictionary(law => law, law => Measured(law, drawn, count));
        Console.WriteLine(FormattableString.Invariant($"{series} series of {count} rows each, seed {seed}; the first {Settled} rows are not counted"));
        Console.WriteLine();
        Table("verdicts", "0.00", Columns.Select(c => FormattableString.Invariant($"{c.Name}, p {c.Bar:G2}")), c => c.Select(m => m.Verdicts));
        int[] told = [.. Enumerable.Range(0, Columns.Length).Where(i => Columns[i].Distance)];
        Table("distance, all", ".000", told.Select(i => Columns[i].Name), c => told.Select(i => c[i].Together));
        Table("distance, most", ".000", told.Select(i => Columns[i].Name), c => told.Select(i => c[i].Most));
        for (var i = 0; args.Contains("--ages") && i < Columns.Length; i++)
        {
            var at = i;
            int[] ages = [.. Ages.Where(age => age < count)];
            Table(FormattableString.Invariant($"{Columns[i].Name}, p {Columns[i].Bar:G2}, from row"), "0.00", ages.Select(age => age.ToString(CultureInfo.InvariantCulture)), c => c[at].ByAge);
        }

        void Table(string name, string format, IEnumerable<string> columns, Func<Measure[], IEnumerable<double>> row)
        {
            Console.WriteLine($"| {name} | {string.Join(" | ", columns)} |");
            Console.WriteLine("|---|" + string.Concat(columns.Select(_ => "---:|")));
            foreach (var law in laws)
                Console.WriteLine($"| {law} | {string.Join(" | ", row(cells[law]).Select(v => v.ToString(format, CultureInfo.InvariantCulture)))} |");
            Console.WriteLine();
        }
    }

    /// <summary>All columns of a law; the series are metrics of assets, which are judged one by one all the same, only faster.</summary>
    private static Measure[] Measured(string law, int[] seeds, int count)
    {
        var made = new ConcurrentDictionary<TimeSpan, Lazy<double[][]>>();
        var measures = new Measure[Columns.Length];
        Parallel.For(0, Columns.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var (column, step) = (Columns[i], Columns[i].Step);
            var values = made.GetOrAdd(step, _ => new(() => [.. seeds.Select(seed => CleanSeries.Make(law, count, TimeSpan.FromDays(1) / step, seed))])).Value;
            measures[i] = Measured(column, values, count);
        });
        return measures;
    }

    private static Measure Measured(Column column, double[][] series, int count)
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        var detector = new AssetDetector(series.Length, new DetectorOptions { FalseAlarmsPerDay = column.PerDay, Direction = column.Direction });
        var frame = new double[series.Length];
        var outcomes = new DetectionRow[series.Length];
        var judged = series.Select(_ => new double[count - Settled]).ToArray();
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < frame.Length; k++) frame[k] = series[k][i];
            detector.Observe(start + i * column.Step.Ticks, frame, outcomes);
            for (var k = 0; i >= Settled && k < frame.Length; k++) judged[k][i - Settled] = outcomes[k].PValue;
        }

        // Counted by p-values: a changepoint at the same row goes before the verdict.
        var verdicts = judged.Sum(p => p.Count(one => one <= column.Bar)) / (column.Bar * series.Length * (count - Settled));
        double[] byAge = [.. Ages.Where(age => age < count).Select((age, i) => Share(age, i + 1 < Ages.Length ? Math.Min(Ages[i + 1], count) : count))];
        return column.Distance ? new Measure(verdicts, Distance(judged.SelectMany(p => p)), judged.Max(Distance), byAge) : new Measure(verdicts, 0, 0, byAge);

        double Share(int from, int end) =>
            judged.Sum(p => p[(from - Settled)..(end - Settled)].Count(one => one <= column.Bar)) / (column.Bar * series.Length * (end - from));
    }

    private static double Distance(IEnumerable<double> p)
    {
        double[] sorted = [.. p];
        Array.Sort(sorted);
        return sorted.Select((one, i) => Math.Abs(one - (i + 0.5) / sorted.Length)).Max();
    }

    /// <param name="PerDay">False alarms a day asked for.</param>
    /// <param name="Distance">Whether the distance is told: it hardly depends on the alarms asked for.</param>
    private sealed record Column(string Name, TimeSpan Step, double PerDay, SpikeDirection Direction, bool Distance = true)
    {
        public double Bar => PerDay * Step.TotalDays;
    }

    private readonly record struct Measure(double Verdicts, double Together, double Most, double[] ByAge);
}
