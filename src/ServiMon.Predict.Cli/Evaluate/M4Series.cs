using System.Globalization;
using Microsoft.VisualBasic.FileIO;
using ServiMon.Predict.Cli.Input;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>One series of the M4 competition: what was known, and what came.</summary>
internal sealed record M4Series(string Id, double[] Past, double[] Future)
{
    /// <summary>Steps ahead that the competition asks of hourly series.</summary>
    public const int Horizon = 48;

    /// <summary>The season of hourly series.</summary>
    public const int Season = 24;

    public const string PastFile = "Hourly-train.csv";
    public const string FutureFile = "Hourly-test.csv";

    /// <summary>Reads both files of a folder, in the order of the first.</summary>
    /// <exception cref="InputException">Every row that is wrong, by file and line.</exception>
    public static IReadOnlyList<M4Series> Read(string folder, CancellationToken stop)
    {
        var problems = new InputProblems();
        foreach (var name in new[] { PastFile, FutureFile })
            if (!File.Exists(Path.Combine(folder, name))) problems.Add("--data", $"{folder} holds no {name}");
        problems.ThrowIfAny();
        var past = Rows(Path.Combine(folder, PastFile), 2 * Season + 1, problems, stop);
        var future = Rows(Path.Combine(folder, FutureFile), Horizon, problems, stop).ToDictionary(r => r.Id, r => r);
        foreach (var row in past)
            if (!future.TryGetValue(row.Id, out var test)) problems.Add($"{FutureFile}", $"series {row.Id} is missing; {PastFile}:{row.Line} has it");
            else if (test.Values.Length != Horizon) problems.Add($"{FutureFile}:{test.Line}", $"series {row.Id} has {test.Values.Length} values, expected {Horizon}");
        if (past.Count == 0) problems.Add(PastFile, "holds no series");
        problems.ThrowIfAny();
        return [.. past.Select(row => new M4Series(row.Id, row.Values, future[row.Id].Values))];
    }

    private static List<(string Id, int Line, double[] Values)> Rows(string path, int least, InputProblems problems, CancellationToken stop)
    {
        var rows = new List<(string, int, double[])>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var csv = new TextFieldParser(path) { Delimiters = [","] };
        csv.ReadFields();
        while (!csv.EndOfData)
        {
            stop.ThrowIfCancellationRequested();
            var line = (int)csv.LineNumber;
            var where = $"{Path.GetFileName(path)}:{line}";
            if (Cells(csv) is not { Length: > 0 } cells)
            {
                problems.Add(where, "the quotes of this line are broken");
                continue;
            }

            var values = new List<double>(cells.Length);
            foreach (var cell in cells.AsSpan(1))
            {
                // Shorter series leave the last cells of their row empty.
                if (cell.Length == 0 || cell == "NA") continue;
                if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)) values.Add(value);
                else problems.Add(where, $"'{cell}' is no number");
            }

            var id = cells[0];
            if (id.Length == 0 || id.AsSpan().ContainsAny("/\\") || id is "." or "..") problems.Add(where, $"'{id}' is no name of a series");
            else if (!seen.Add(id)) problems.Add(where, $"series {id} is given twice");
            if (values.Count < least) problems.Add(where, $"series {id} has {values.Count} values, expected {least} or more");
            rows.Add((id, line, [.. values]));
        }

        return rows;
    }

    private static string[]? Cells(TextFieldParser csv)
    {
        try
        {
            return csv.ReadFields();
        }
        catch (MalformedLineException)
        {
            return null;
        }
    }
}
