using System.Globalization;
using System.Text.Json;
using ServiMon.Predict.Cli.Evaluate;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>evaluate m4 on a small folder of the competition's form.</summary>
public sealed class EvaluateM4Tests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Every_series_gets_its_forecast_and_all_get_their_scores()
    {
        var data = Write("m4", 3, row => row);
        var output = small.At("m4-out");
        using var json = JsonDocument.Parse(Servimon.Run("evaluate", "m4", "--data", data, "--out", output, "--json").Expect(ExitCode.Done).Out);
        Assert.Equal(3, json.RootElement.GetProperty("series").GetInt32());
        Assert.Equal(["S1.csv", "S2.csv", "S3.csv", "scores.json"], Directory.GetFiles(output).Select(f => Path.GetFileName(f)!).Order());
        var lines = File.ReadAllLines(Path.Combine(output, "S2.csv"));
        Assert.Equal("time,q0.025,q0.5,q0.975", lines[0]);
        Assert.Equal(M4Series.Horizon + 1, lines.Length);

        // The scores are those of the files that were written.
        var scores = new M4Scores();
        foreach (var series in M4Series.Read(data, CancellationToken.None))
        {
            var rows = File.ReadLines(Path.Combine(output, $"{series.Id}.csv")).Skip(1).Select(l => l.Split(',')[1..].Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray()).ToList();
            scores.Add(series, new M4Forecast([.. rows.Select(r => r[0])], [.. rows.Select(r => r[1])], [.. rows.Select(r => r[2])]));
        }

        var ours = json.RootElement.GetProperty("scores")[0];
        Assert.Equal("servimon", ours.GetProperty("method").GetString());
        Assert.Equal(scores.Mase, ours.GetProperty("mase").GetDouble(), 1e-6);
        Assert.Equal(scores.Msis, ours.GetProperty("msis").GetDouble(), 1e-6);
    }

    [Fact]
    public void Bad_files_are_told_by_line_and_nothing_is_written()
    {
        var data = Write("m4-bad", 2, row => row.Replace("S2,", "S2,much,", StringComparison.Ordinal));
        var output = small.At("m4-bad-out");
        var ended = Servimon.Run("evaluate", "m4", "--data", data, "--out", output).Expect(ExitCode.WrongInput);
        Assert.Contains(ended.ErrorLines, l => l.Contains("Hourly-train.csv:3: 'much' is no number", StringComparison.Ordinal));
        Assert.False(Directory.Exists(output));
        var missing = Servimon.Run("evaluate", "m4", "--data", small.At("nowhere"), "--out", output).Expect(ExitCode.WrongInput);
        Assert.Equal(2, missing.ErrorLines.Count(l => l.Contains("--data", StringComparison.Ordinal) && l.Contains("holds no", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_time_zone_that_nobody_knows_is_refused()
    {
        var input = small.Write("zone.csv", "time,value\n2024-01-01T00:00:00Z,1\n2024-01-01T01:00:00Z,2\n2024-01-01T02:00:00Z,3\n");
        var ended = Servimon.Run("forecast", "--input", input, "--horizon", "2", "--output", small.At("zone-out.csv"), "--time-zone", "Mars/Olympus").Expect(ExitCode.WrongInput);
        Assert.Contains("no time zone", ended.Error, StringComparison.Ordinal);
    }

    private string Write(string folder, int count, Func<string, string> bend)
    {
        Directory.CreateDirectory(small.At(folder));
        foreach (var (name, length) in new[] { (M4Series.PastFile, 400), (M4Series.FutureFile, M4Series.Horizon) })
        {
            var from = name == M4Series.PastFile ? 0 : 400;
            var rows = Enumerable.Range(1, count).Select(s => $"\"S{s}\"," + string.Join(',', Enumerable.Range(from, length).Select(t =>
                (50 + 10 * s * Math.Sin(2 * Math.PI * t / 24) + Math.Cos(t * t * s)).ToString("0.###", CultureInfo.InvariantCulture))) + ",");
            small.Write(Path.Combine(folder, name), "\"V1\",\"V2\"\n" + string.Join('\n', rows.Select(r => bend(r.Replace("\"", "", StringComparison.Ordinal)))) + "\n");
        }

        return small.At(folder);
    }
}
