using System.Text;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>How incidents and maintenance windows are read.</summary>
public sealed record IntervalReadOptions
{
    /// <summary>The assets of the samples; null (the default) accepts any name.</summary>
    public IReadOnlyCollection<string>? KnownAssets { get; init; }

    /// <summary>The parents of path names (<c>a</c>, <c>a/b</c> for <c>a/b/c</c>) are assets too. Default: false.</summary>
    public bool Composite { get; init; }

    /// <summary>Skip bad rows instead of refusing the file. Default: false.</summary>
    public bool SkipBadRows { get; init; }

    /// <summary>Is told how many rows were skipped, by reason, when there were any.</summary>
    public Action<IReadOnlyDictionary<BadRow, long>>? OnSkipped { get; init; }
}

/// <summary>Incidents as CSV: <c>asset,start,end,kind</c>; <c>end</c> and <c>kind</c> may be empty or not there at all.</summary>
public static class IncidentFile
{
    /// <summary>Reads incidents in the order of the file. A header alone is valid: there was no incident.</summary>
    /// <exception cref="InputException">With every problem as <c>file:line</c>.</exception>
    public static IReadOnlyList<Incident> Read(string path, IntervalReadOptions? options = null, CancellationToken ct = default) =>
        IntervalRows.Read(path, options, "incident", (asset, start, end, kind) => new Incident(asset, start, end, kind), ct);

    public static void Write(string path, IEnumerable<Incident> incidents) =>
        IntervalRows.Write(path, incidents.Select(i => (i.Asset, i.Start, i.End, i.Kind)));
}

/// <summary>Maintenance windows as CSV, in the form of <see cref="IncidentFile"/>.</summary>
public static class MaintenanceFile
{
    /// <inheritdoc cref="IncidentFile.Read"/>
    public static IReadOnlyList<MaintenanceWindow> Read(string path, IntervalReadOptions? options = null, CancellationToken ct = default) =>
        IntervalRows.Read(path, options, "maintenance", (asset, start, end, kind) => new MaintenanceWindow(asset, start, end, kind), ct);

    public static void Write(string path, IEnumerable<MaintenanceWindow> windows) =>
        IntervalRows.Write(path, windows.Select(w => (w.Asset, w.Start, w.End, w.Kind)));
}

internal static class IntervalRows
{
    private static readonly string[] Columns = ["asset", "start", "end", "kind"];

    private readonly record struct Row(long Line, string Asset, long Start, long End, string Kind);

    public static IReadOnlyList<T> Read<T>(
        string path, IntervalReadOptions? options, string word, Func<string, DateTimeOffset, DateTimeOffset?, string, T> make, CancellationToken ct)
    {
        options ??= new IntervalReadOptions();
        var problems = new CsvProblems(path, options.SkipBadRows);
        using var input = new CsvInput(path, problems);
        var header = input.ReadHeader(ct);
        var columns = Columns.Select(c => Array.IndexOf(header, c)).ToArray();
        foreach (var i in new[] { 0, 1 }.Where(i => columns[i] < 0))
            problems.Fatal($"{path}:{input.Line}", $"column '{Columns[i]}' is missing; the header has {string.Join(", ", header)}; the file is asset,start,end,kind");
        foreach (var name in header.Where(h => h.Length > 0 && !Columns.Contains(h)).Distinct())
            problems.Fatal($"{path}:{input.Line}", $"column '{name}' is unknown; the file is asset,start,end,kind");
        problems.ThrowIfAny();
        var known = options.KnownAssets is { } names ? Known(names, options.Composite) : null;
        var rows = new List<Row>();
        while (input.Next(ct))
            if (ReadRow(input, problems, columns, known) is { } row) rows.Add(row);
        var bad = Clashes(rows, problems, word);
        problems.ThrowIfAny();
        if (problems.SkippedCount > 0) options.OnSkipped?.Invoke(problems.Skipped);
        return rows.Where(r => !bad.Contains(r.Line)).Select(r => make(
            r.Asset, new DateTimeOffset(r.Start, TimeSpan.Zero), r.End == long.MaxValue ? null : new DateTimeOffset(r.End, TimeSpan.Zero), r.Kind)).ToArray();
    }

    public static void Write(string path, IEnumerable<(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind)> rows)
    {
        using var output = new CsvOutput(path, Columns);
        foreach (var (asset, start, end, kind) in rows)
        {
            output.Cell(asset);
            output.Cell(CsvTime.Text(start.UtcTicks));
            output.Cell(end is { } e ? CsvTime.Text(e.UtcTicks) : "");
            output.Cell(kind);
            output.EndRow();
        }
        output.Commit();
    }

    private static HashSet<string> Known(IEnumerable<string> assets, bool composite)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var asset in assets)
        {
            known.Add(asset);
            if (composite) known.UnionWith(AssetPath.Parents(asset));
        }
        return known;
    }

    private static Row? ReadRow(CsvInput input, CsvProblems problems, int[] columns, HashSet<string>? known)
    {
        var good = true;
        var asset = input.Text(columns[0]);
        if (CsvText.NameProblem("asset", input.Cell(columns[0])) is { } badName) Bad(BadRow.Name, badName);
        else if (known?.Contains(asset) == false)
        {
            var near = Spelling.Near(asset, known);
            Bad(BadRow.UnknownAsset, $"asset '{asset}' is not in the samples{(near is null ? "" : $"; the nearest is '{near}'")}");
        }
        var startCell = input.Cell(columns[1]);
        var hasStart = CsvTime.TryParse(startCell, out var start, out _, out _);
        if (!hasStart) Bad(BadRow.Time, CsvTime.Problem("start", startCell));
        var end = long.MaxValue;
        var endCell = columns[2] < 0 ? default : input.Cell(columns[2]);
        if (!endCell.IsEmpty)
        {
            if (!CsvTime.TryParse(endCell, out end, out _, out _)) Bad(BadRow.Time, CsvTime.Problem("end", endCell));
            else if (hasStart && end < start)
                Bad(BadRow.EndBeforeStart, $"end {CsvTime.Text(end)} is before start {CsvTime.Text(start)}");
        }
        return good ? new Row(input.Line, asset, start, end, columns[3] < 0 ? "" : input.Text(columns[3])) : null;

        void Bad(BadRow reason, string what)
        {
            good = false;
            problems.Row(input.Line, reason, what);
        }
    }

    /// <summary>Duplicates and overlaps of one asset; gives the lines that are left out when bad rows are skipped: the later of two.</summary>
    private static HashSet<long> Clashes(List<Row> rows, CsvProblems problems, string word)
    {
        var clashes = new SortedDictionary<long, (BadRow Reason, string What)>();
        foreach (var asset in rows.GroupBy(r => r.Asset, StringComparer.Ordinal))
        {
            Row? open = null;
            foreach (var row in asset.OrderBy(r => r.Start).ThenBy(r => r.Line))
            {
                if (open is not { } o || (row.Start >= o.End && row.Start > o.Start))
                {
                    open = row;
                    continue;
                }
                var (earlier, later) = o.Line < row.Line ? (o, row) : (row, o);
                clashes[later.Line] = o.Start == row.Start && o.End == row.End
                    ? (BadRow.Duplicate, $"the same {word} of asset '{row.Asset}' stands in line {earlier.Line}")
                    : (BadRow.Overlap, $"{word} of asset '{row.Asset}' from {CsvTime.Text(later.Start)} overlaps the one in line {earlier.Line}, "
                        + $"which runs from {CsvTime.Text(earlier.Start)} to {(earlier.End == long.MaxValue ? "no end" : CsvTime.Text(earlier.End))}");
                open = earlier;
            }
        }
        foreach (var (line, (reason, what)) in clashes) problems.Row(line, reason, what);
        return [.. clashes.Keys];
    }
}
