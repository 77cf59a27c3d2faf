using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>One series of a public benchmark; <paramref name="Labels"/> is 1 for anomalous rows where the file has such a column, else empty.</summary>
/// <param name="Name">Its path within the benchmark, with slashes.</param>
internal sealed record BenchmarkSeries(string Name, long[] Ticks, double[] Values, int[] Labels)
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-dd HH:mm"];

    /// <summary>Reads time, value and perhaps label, in this order, under a header; cells may be quoted, an empty value is missing.</summary>
    public static BenchmarkSeries Read(string path, string name, List<Problem> problems)
    {
        var lines = File.ReadAllLines(path);
        var (ticks, values, labels) = (new List<long>(), new List<double>(), new List<int>());
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0) continue;
            var cells = lines[i].Split(',');
            long time = 0;
            var value = double.NaN;
            var label = 0.0;
            var good = cells.Length >= 2 && TryTime(Bare(cells[0]), out time)
                && (Bare(cells[1]).Length == 0 || TryNumber(Bare(cells[1]), out value))
                && (cells.Length < 3 || Bare(cells[2]).Length == 0 || TryNumber(Bare(cells[2]), out label));
            if (!good)
            {
                problems.Add(new Problem($"{path}:{i + 1}", $"'{lines[i]}' is not time,value or time,value,label"));
                break;
            }

            ticks.Add(time);
            values.Add(value);
            labels.Add((int)label);
        }

        return new BenchmarkSeries(name, [.. ticks], [.. values], [.. labels]);
    }

    public static bool TryTime(string text, out long ticks)
    {
        var good = DateTime.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        ticks = time.Ticks;
        return good;
    }

    /// <summary>Runs the detector over it.</summary>
    public DetectionRow[] Detect()
    {
        var rows = new DetectionRow[Ticks.Length];
        new SeriesDetector().Observe(Ticks, Values, rows);
        return rows;
    }

    /// <summary>Writes what was detected in the form of the verb <c>detect</c>.</summary>
    public void Write(string path, DetectionRow[] rows)
    {
        using var file = new DetectionFile(path);
        for (var i = 0; i < rows.Length; i++)
        {
            file.Write(Text(Ticks[i]), Values[i], rows[i].Score, rows[i].PValue, Verbs.DetectVerb.Text(rows[i].Verdict),
                rows[i].LocationTicks is { } location ? Text(location) : "");
        }

        file.Commit();
    }

    private static string Text(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Bare(string cell) => cell.Trim().Trim('"');

    private static bool TryNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
