namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>A series whose anomalous rows are labelled: a run of them is an event.</summary>
internal sealed class EventSeries
{
    public const int Unscored = -2;

    public const int Outside = -1;

    /// <summary>Of the first rows nothing is scored, nor of events that begin there.</summary>
    private const double ProbationShare = 0.15;

    private const int MostProbation = 750;

    public EventSeries(BenchmarkSeries series)
    {
        Series = series;
        var count = series.Labels.Length;
        FirstScored = (int)Math.Min(ProbationShare * count, MostProbation);
        Owner = new int[count];
        Array.Fill(Owner, Outside);
        Array.Fill(Owner, Unscored, 0, FirstScored);
        for (var i = 0; i < count; i++)
        {
            if (series.Labels[i] != 1) continue;
            var start = i;
            while (i + 1 < count && series.Labels[i + 1] == 1) i++;
            Array.Fill(Owner, start < FirstScored ? Unscored : Starts.Count, start, i - start + 1);
            if (start >= FirstScored) Starts.Add(start);
        }
    }

    public BenchmarkSeries Series { get; }

    public int FirstScored { get; }

    /// <summary>The first row of each event.</summary>
    public List<int> Starts { get; } = [];

    /// <summary>The event of a row, or <see cref="Outside"/> or <see cref="Unscored"/>.</summary>
    public int[] Owner { get; }

    public double ScoredDays => new TimeSpan(Series.Ticks[^1] - Series.Ticks[FirstScored]).TotalDays;
}

/// <summary>Labelled series, one a file of <c>data/&lt;domain&gt;/</c>: time, value, label (Microsoft's cloud monitoring dataset).</summary>
internal static class EventCorpus
{
    /// <exception cref="InputException">With every file that cannot be read; or when there is none.</exception>
    public static IReadOnlyList<EventSeries> Read(string folder, Action<double> progress)
    {
        var data = Path.Combine(folder, "data");
        var paths = Directory.Exists(data) ? Directory.GetFiles(data, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray() : [];
        if (paths.Length == 0) throw new InputException("--data", $"{data} holds no series: expected data/<domain>/<series>.csv with time, value and label");
        var problems = new List<Problem>();
        var series = new List<EventSeries>();
        foreach (var path in paths)
        {
            progress(series.Count / (double)paths.Length);
            var read = BenchmarkSeries.Read(path, Path.GetFileName(path), problems);
            if (read.Ticks.Length < 2) problems.Add(new Problem(path, $"has {read.Ticks.Length} rows, at least 2 are needed"));
            else series.Add(new EventSeries(read));
        }

        return problems.Count == 0 ? series : throw new InputException(problems);
    }
}
