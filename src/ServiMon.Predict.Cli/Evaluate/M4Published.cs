using System.Globalization;
using Microsoft.VisualBasic.FileIO;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>What the competition published of one method on hourly series; null where it has no figure.</summary>
internal sealed record M4Published(string Method, double? Smape, double? Mase, double? Owa, double? Msis, double? Coverage)
{
    private const string Points = "Point_Forecasts-Frequency.csv";

    private const string Intervals = "Prediction_Intervals-Frequency.csv";

    /// <summary>The best methods by OWA and by MSIS, and the seasonal naive; none where the folder has no published figures.</summary>
    /// <param name="folder">Of the benchmark.</param>
    /// <param name="best">How many of each.</param>
    public static IReadOnlyList<M4Published> Read(string folder, int best)
    {
        var points = Table(Path.Combine(folder, Points));
        var intervals = Table(Path.Combine(folder, Intervals));
        var all = points.Keys.Union(intervals.Keys).Select(method =>
        {
            points.TryGetValue(method, out var p);
            intervals.TryGetValue(method, out var i);
            return new M4Published(Shown(method), At(p, 0), At(p, 1), At(p, 2), At(i, 0), At(i, 1) is { } off ? 0.95 - off : null);
        }).ToList();
        return [.. all.Where(m => m.Owa is not null).OrderBy(m => m.Owa).Take(best)
            .Union(all.Where(m => m.Msis is not null).OrderBy(m => m.Msis).Take(best))
            .Union(all.Where(m => m.Method.EndsWith(" sNaive", StringComparison.Ordinal)))];
    }

    /// <summary>Entries have numbers, benchmarks names.</summary>
    private static string Shown(string method) =>
        int.TryParse(method, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? $"published: entry {method}" : $"published: {method}";

    private static double? At(double?[]? row, int index) => row is not null && index < row.Length ? row[index] : null;

    /// <summary>By method the hourly column of each measure; the second line of the file names the columns.</summary>
    private static Dictionary<string, double?[]> Table(string path)
    {
        var table = new Dictionary<string, double?[]>(StringComparer.Ordinal);
        if (!File.Exists(path)) return table;
        using var csv = new TextFieldParser(path) { Delimiters = [","] };
        csv.ReadFields();
        int[] hourly = [.. (csv.ReadFields() ?? []).Select((name, i) => (name, i)).Where(c => c.name == "Hourly").Select(c => c.i)];
        while (csv.ReadFields() is { } cells)
            table[cells[0]] = [.. hourly.Select(i => i < cells.Length
                && double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : (double?)null)];
        return table;
    }
}
