namespace ServiMon.Predict.Storage.Csv;

/// <summary>Why a row of a CSV file was not used.</summary>
public enum BadRow { CellCount, Quote, Encoding, Cut, Time, Number, Name, UnknownAsset, OutOfOrder, Duplicate, Overlap, EndBeforeStart }

/// <summary>How the reasons are spelt outside the program.</summary>
public static class BadRowNames
{
    /// <summary>The reason as written in reports and counters.</summary>
    public static string Text(this BadRow reason) => reason switch
    {
        BadRow.CellCount => "cell_count",
        BadRow.Quote => "bad_quote",
        BadRow.Encoding => "not_utf8",
        BadRow.Cut => "cut",
        BadRow.Time => "bad_time",
        BadRow.Number => "bad_number",
        BadRow.Name => "bad_name",
        BadRow.UnknownAsset => "unknown_asset",
        BadRow.OutOfOrder => "out_of_order",
        BadRow.Duplicate => "duplicate",
        BadRow.Overlap => "overlap",
        BadRow.EndBeforeStart => "end_before_start",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "not a reason"),
    };
}

/// <summary>Collects what is wrong with the rows of one file; when bad rows are skipped it counts them instead.</summary>
internal sealed class CsvProblems(string file, bool skipBadRows)
{
    /// <summary>Problems listed in full: enough to see a pattern, few enough to read.</summary>
    public const int Listed = 100;

    private readonly List<Problem> _problems = [];
    private readonly SortedDictionary<BadRow, long> _skipped = [];
    private long _more;
    private long _lastLine = -1;

    public IReadOnlyDictionary<BadRow, long> Skipped => _skipped;

    public long SkippedCount => _skipped.Values.Sum();

    /// <summary>A problem of a row. Several problems of one row count once, under the first reason.</summary>
    public void Row(long line, BadRow reason, string what)
    {
        if (!skipBadRows) Add(new Problem($"{file}:{line}", what));
        else if (line != _lastLine) _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
        _lastLine = line;
    }

    /// <summary>A problem that cannot be skipped: of the header or of the file as a whole.</summary>
    public void Fatal(string where, string what) => Add(new Problem(where, what));

    public void ThrowIfAny()
    {
        if (_problems.Count == 0) return;
        if (_more > 0) _problems.Add(new Problem(file, $"… and {_more} more"));
        throw new InputException(_problems);
    }

    private void Add(Problem problem)
    {
        if (_problems.Count < Listed) _problems.Add(problem);
        else _more++;
    }
}
