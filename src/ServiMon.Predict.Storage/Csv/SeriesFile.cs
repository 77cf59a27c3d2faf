using System.Text;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>How a series is read.</summary>
public sealed record SeriesReadOptions
{
    /// <summary>Make rows that cannot be read <see cref="SeriesRow.Unreadable"/> instead of refusing the file. Default: false.</summary>
    public bool SkipBadRows { get; init; }

    /// <summary>Default: <c>time</c>.</summary>
    public string TimeColumn { get; init; } = "time";

    /// <summary>Default: <c>value</c>.</summary>
    public string ValueColumn { get; init; } = "value";

    /// <summary>One more column whose text is kept row by row (a label, say); null (the default) for none.</summary>
    public string? KeptColumn { get; init; }
}

/// <summary>What a row of a series is good for.</summary>
public enum SeriesRow
{
    /// <summary>A value at a time later than all before it.</summary>
    Good,

    /// <summary>The time is in order but there is no value.</summary>
    Missing,

    /// <summary>The time came before.</summary>
    Duplicate,

    /// <summary>The time is before that of an earlier row.</summary>
    Late,

    /// <summary>Time or value cannot be read.</summary>
    Unreadable,
}

/// <summary>One series, row by row as in the file: every input row is there, so that each can have its output row.</summary>
/// <param name="Kinds">What each row is good for; only <see cref="SeriesRow.Good"/> and <see cref="SeriesRow.Missing"/> ascend in time.</param>
/// <param name="Ticks">UTC ticks; 0 where the time cannot be read.</param>
/// <param name="Values">NaN where there is none.</param>
/// <param name="TimeTexts">The times as read.</param>
/// <param name="Step">The median spacing of the rows in order; zero for fewer than two.</param>
/// <param name="GapCount">Rows that are not there: steps skipped between two rows in order.</param>
/// <param name="Kept">The texts of <see cref="SeriesReadOptions.KeptColumn"/>; empty without it.</param>
public sealed record SeriesReadResult(
    IReadOnlyList<SeriesRow> Kinds, long[] Ticks, double[] Values, IReadOnlyList<string> TimeTexts, TimeSpan Step, long GapCount,
    IReadOnlyList<string> Kept)
{
    public int Count => Ticks.Length;

    public int CountOf(SeriesRow kind) => Kinds.Count(k => k == kind);
}

/// <summary>One series as CSV, <c>time,value</c>.</summary>
public static class SeriesFile
{
    /// <summary>
    /// Reads a series as it is: duplicate, late and missing rows are marked and counted, never an error. What cannot be read at all
    /// (a broken line, a time or number of another form) is an error, or, when bad rows are skipped, a row that is
    /// <see cref="SeriesRow.Unreadable"/>; a line with the wrong number of cells then has no row.
    /// </summary>
    /// <exception cref="InputException">With up to 100 problems as <c>file:line</c>.</exception>
    public static SeriesReadResult Read(
        string path, SeriesReadOptions? options = null, IProgress<CsvProgress>? progress = null, CancellationToken ct = default)
    {
        options ??= new SeriesReadOptions();
        var problems = new CsvProblems(path, options.SkipBadRows);
        using var input = new CsvInput(path, problems, progress);
        var header = input.ReadHeader(ct);
        int time = Find(options.TimeColumn), value = Find(options.ValueColumn), kept = options.KeptColumn is { } name ? Find(name) : -1;
        problems.ThrowIfAny();
        var rows = new Rows();
        while (input.Next(ct)) rows.Add(input, problems, time, value, kept);
        problems.ThrowIfAny();
        return rows.Count > 0 ? rows.Build() : throw new InputException(path, "there are no rows under the header");

        int Find(string column)
        {
            var index = Array.IndexOf(header, column);
            if (index < 0)
                problems.Fatal($"{path}:{input.Line}",
                    $"column '{column}' is missing; the header has {string.Join(", ", header)}; a series is {options.TimeColumn},{options.ValueColumn}");
            return index;
        }
    }

    /// <summary>Writes a series; NaN is an empty cell.</summary>
    public static void Write(string path, ReadOnlySpan<long> ticks, ReadOnlySpan<double> values)
    {
        using var output = new CsvOutput(path, ["time", "value"]);
        for (var i = 0; i < ticks.Length; i++)
        {
            output.Cell(CsvTime.Text(ticks[i]));
            output.Cell(values[i]);
            output.EndRow();
        }
        output.Commit();
    }

    private sealed class Rows
    {
        private readonly List<SeriesRow> _kinds = [];
        private readonly List<long> _ticks = [];
        private readonly List<double> _values = [];
        private readonly List<string> _texts = [];
        private readonly List<string> _kept = [];
        private readonly HashSet<long> _seen = [];
        private readonly List<long> _spacings = [];
        private long _newest = long.MinValue;

        public int Count => _kinds.Count;

        public void Add(CsvInput input, CsvProblems problems, int timeColumn, int valueColumn, int keptColumn)
        {
            var timeCell = input.Cell(timeColumn);
            var hasTime = CsvTime.TryParse(timeCell, out var ticks, out _, out _);
            if (!hasTime) problems.Row(input.Line, BadRow.Time, CsvTime.Problem("time", timeCell));
            var hasValue = CsvText.TryParse(input.Cell(valueColumn), out var value);
            if (!hasValue)
                problems.Row(input.Line, BadRow.Number, $"value '{CsvText.Shown(input.Cell(valueColumn))}' is not a number; {CsvText.NumberForm}");
            if (!double.IsFinite(value) || !hasValue) value = double.NaN;
            _texts.Add(Encoding.UTF8.GetString(timeCell));
            if (keptColumn >= 0) _kept.Add(input.Text(keptColumn));
            _ticks.Add(hasTime ? ticks : 0);
            _values.Add(value);
            _kinds.Add(!hasTime || !hasValue ? SeriesRow.Unreadable : Place(ticks, value));
        }

        public SeriesReadResult Build()
        {
            _spacings.Sort();
            var step = _spacings.Count == 0 ? 0 : _spacings[_spacings.Count / 2];
            long gaps = 0;
            foreach (var spacing in _spacings) gaps += Math.Max(0, (long)Math.Round((double)spacing / step) - 1);
            return new SeriesReadResult(_kinds, [.. _ticks], [.. _values], _texts, new TimeSpan(step), gaps, _kept);
        }

        private SeriesRow Place(long ticks, double value)
        {
            if (!_seen.Add(ticks)) return SeriesRow.Duplicate;
            if (ticks < _newest) return SeriesRow.Late;
            if (_newest != long.MinValue) _spacings.Add(ticks - _newest);
            _newest = ticks;
            return double.IsNaN(value) ? SeriesRow.Missing : SeriesRow.Good;
        }
    }
}

/// <summary>
/// Writes detections as CSV, <c>time,value,score,p_value,verdict,location</c>: one row for each input row, in its order.
/// </summary>
public sealed class DetectionFile(string path) : IDisposable
{
    private readonly CsvOutput _output = new(path, ["time", "value", "score", "p_value", "verdict", "location"]);

    /// <param name="time">As read.</param>
    /// <param name="value">NaN for missing: an empty cell, as for <paramref name="score"/> and <paramref name="pValue"/>.</param>
    /// <param name="verdict"><c>none</c>, <c>spike</c> or <c>changepoint</c>.</param>
    /// <param name="location">The back-dated time of a changepoint as read at its row, else empty.</param>
    public void Write(ReadOnlySpan<char> time, double value, double score, double pValue, string verdict, ReadOnlySpan<char> location)
    {
        _output.Cell(time);
        _output.Cell(value);
        _output.Cell(score);
        _output.Cell(pValue);
        _output.Cell(verdict);
        _output.Cell(location);
        _output.EndRow();
    }

    /// <inheritdoc cref="PredictionFile.Commit"/>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}

/// <summary>Writes a forecast as CSV, <c>time,q0.025,q0.5,q0.975</c>.</summary>
public sealed class ForecastFile(string path) : IDisposable
{
    private readonly CsvOutput _output = new(path, ["time", "q0.025", "q0.5", "q0.975"]);

    public void Write(DateTimeOffset time, double lower, double median, double upper)
    {
        _output.Cell(CsvTime.Text(time.UtcTicks));
        _output.Cell(lower);
        _output.Cell(median);
        _output.Cell(upper);
        _output.EndRow();
    }

    /// <inheritdoc cref="PredictionFile.Commit"/>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}
