using System.Globalization;
using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>evaluate, on small corpora laid out like the public ones.</summary>
public sealed class EvaluateVerbTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Labelled_events_are_scored_and_every_series_has_its_detections()
    {
        var lines = Enumerable.Range(0, 800).Select(i => Row(i, i is 600 or 700 ? 60 : i % 7, i is 600 or 700 ? 1 : 0));
        Directory.CreateDirectory(small.At("events/data/web"));
        small.Write("events/data/web/one.csv", "TimeStamp,Value,Label\n" + string.Join('\n', lines) + "\n");
        var output = small.At("events-out");
        using var json = JsonDocument.Parse(Servimon.Run("evaluate", "events", "--data", small.At("events"), "--out", output, "--json").Expect(ExitCode.Done).Out);
        var verdict = json.RootElement.GetProperty("lines")[0];
        Assert.Equal(2, verdict.GetProperty("detected").GetInt32());
        Assert.Equal(1, verdict.GetProperty("recall").GetDouble());
        Assert.Equal(801, File.ReadAllLines(Path.Combine(output, "detections", "one.csv")).Length);
        Assert.Contains("default verdict", File.ReadAllText(Path.Combine(output, "report.txt")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(output, "report.json")));
    }

    [Fact]
    public void What_is_missing_or_unreadable_is_told_and_nothing_is_written()
    {
        var nothing = Servimon.Run("evaluate", "nab", "--data", small.At("absent"), "--out", small.At("nab-out")).Expect(ExitCode.WrongInput);
        Assert.Contains("--data", nothing.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(small.At("bad/data/web"));
        small.Write("bad/data/web/one.csv", "TimeStamp,Value,Label\n2024-01-01 00:00:00,x,0\n");
        var bad = Servimon.Run("evaluate", "events", "--data", small.At("bad"), "--out", small.At("bad-out")).Expect(ExitCode.WrongInput);
        Assert.Contains("one.csv:2: '2024-01-01 00:00:00,x,0' is not time,value", bad.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(small.At("hollow"));
        var hollow = Servimon.Run("evaluate", "nab", "--data", small.At("hollow"), "--out", small.At("hollow-out")).Expect(ExitCode.WrongInput);
        Assert.Contains("combined_windows.json", hollow.Error, StringComparison.Ordinal);
        Assert.Contains("profiles.json", hollow.Error, StringComparison.Ordinal);
        Assert.All(new[] { "nab-out", "bad-out", "hollow-out" }, folder => Assert.False(Directory.Exists(small.At(folder))));
    }

    private static string Row(int i, double value, int label) => string.Create(CultureInfo.InvariantCulture,
        $"{new DateTime(2024, 1, 1).AddHours(i):yyyy-MM-dd HH:mm:ss},{value},{label}");
}
