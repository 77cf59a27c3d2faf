using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>
/// The scripts in Golden/: <c>series KIND N seed S step SPAN</c> or <c>constant N VALUE step SPAN</c> begins a case; <c>add ROWS X</c>
/// bends it; every other line is an expectation. Rows are <c>i</c> or <c>i..j</c>, both included.
/// </summary>
public class GoldenTests
{
    private static readonly string Folder =
        Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Detection", "Golden");

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Folder, "*.txt").Select(f => Path.GetFileName(f)!).Order()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_holds(string script)
    {
        double[] values = [];
        long[] ticks = [];
        DetectionRow[]? rows = null;
        var expectations = 0;
        foreach (var (line, number) in File.ReadAllLines(Path.Combine(Folder, script)).Select((text, i) => (text.Trim(), i + 1)))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || line[0] == '#') continue;
            if (words[0] is "series" or "constant")
            {
                (values, rows) = (Made(words), null);
                Assert.True(DurationText.TryParse(words[^1], out var step));
                ticks = SyntheticSeries.Ticks(values.Length, step);
                continue;
            }

            if (words[0] == "add")
            {
                var (from, to) = Rows(words[1]);
                for (var i = from; i <= to; i++) values[i] += Number(words[2]);
                continue;
            }

            if (rows is null) new SeriesDetector().Observe(ticks, values, rows = new DetectionRow[values.Length]);
            Assert.True(Holds(words, rows, ticks), $"{script}:{number}: {line}");
            expectations++;
        }

        Assert.True(expectations > 0);
    }

    private static bool Holds(string[] words, DetectionRow[] rows, long[] ticks)
    {
        var (from, to) = Rows(words[1]);
        var part = rows[from..(to + 1)];
        switch (words[0])
        {
            case "spike": return part.All(r => r.Verdict == Verdict.Spike);
            case "quiet": return part.All(r => r.Verdict == Verdict.None);
            case "novel": return part.All(r => r.Score >= Number(words[2]));
            case "unchanged": return part.All(r => r.Verdict != Verdict.Changepoint);
            case "change":
                var (first, last) = Rows(words[3]);
                return part.Count(r => r.Verdict == Verdict.Changepoint) == 1
                    && Array.IndexOf(ticks, part.First(r => r.Verdict == Verdict.Changepoint).LocationTicks!.Value) is var at && at >= first && at <= last;
            default: throw new FormatException($"no such expectation: {words[0]}");
        }
    }

    private static double[] Made(string[] words) => words[0] == "constant"
        ? [.. Enumerable.Repeat(Number(words[2]), int.Parse(words[1]))]
        : SyntheticSeries.Make(words[1], int.Parse(words[2]), int.Parse(words[4]));

    private static (int From, int To) Rows(string text)
    {
        var ends = text.Split("..");
        return (int.Parse(ends[0]), int.Parse(ends[^1]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
