using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

public sealed class BacktestVerbTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void From_a_time_on_every_row_and_horizon_is_predicted_in_input_order()
    {
        var target = small.At("until");
        var ended = Backtest("--samples", small.Samples, "--incidents", small.Incidents, "--maintenance", small.Maintenance, "--train-until", "2024-01-03T12:00:00Z", "--out", target)
            .Expect(ExitCode.Done);

        var input = File.ReadLines(small.Samples).Skip(1).Select(l => l.Split(',')).Where(c => string.CompareOrdinal(c[0], "2024-01-03T12:00:00Z") >= 0);
        var expected = input.SelectMany(c => new[] { $"{c[1]},{c[0]},3600", $"{c[1]},{c[0]},21600" });
        var rows = File.ReadLines(Path.Combine(target, "predictions.csv")).ToList();
        Assert.Equal("asset,time,horizon_seconds,probability,state", rows[0]);
        Assert.Equal(expected, rows.Skip(1).Select(r => string.Join(',', r.Split(',')[..3])));
        Assert.All(rows.Skip(1).Select(r => r.Split(',')), c => Assert.Equal(c[4] == "ready", c[3].Length > 0));
        Assert.Contains(rows, r => r.EndsWith(",maintenance", StringComparison.Ordinal) || r.EndsWith(",ready", StringComparison.Ordinal));
        Assert.Equal(["predictions.csv", "report.html", "report.json"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Order());
        Assert.Contains("Brier skill", ended.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', ended.Out);
    }

    [Fact]
    public void Folds_predict_every_row_with_a_pooled_fleet_and_json_is_all_there_is_on_standard_output()
    {
        var target = small.At("folds");
        var ended = Backtest(
            "--samples", small.Samples, "--incidents", small.Incidents, "--folds", "2", "--pool", $"{small.Profile},{small.Samples},{small.Incidents}", "--json", "--seed", "5", "--out", target)
            .Expect(ExitCode.Done);

        using var printed = JsonDocument.Parse(ended.Out);
        using var written = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "report.json")));
        Assert.Equal(5, printed.RootElement.GetProperty("seed").GetInt32());
        Assert.Equal(2, written.RootElement.GetProperty("horizons").GetArrayLength());
        Assert.Equal(2 * (File.ReadLines(small.Samples).Count() - 1), File.ReadLines(Path.Combine(target, "predictions.csv")).Count() - 1);
    }

    [Fact]
    public void Separate_files_predict_the_test_rows_with_times_as_read()
    {
        var test = small.Write("test-samples.csv", string.Join('\n', File.ReadLines(small.Samples).Take(60)).Replace("Z,", "+00:00,", StringComparison.Ordinal) + "\n");
        var target = small.At("separate");
        Backtest("--train-samples", small.Samples, "--train-incidents", small.Incidents, "--test-samples", test, "--out", target).Expect(ExitCode.Done);

        var times = File.ReadLines(test).Skip(1).Select(l => l.Split(',')[0]);
        Assert.Equal(times, File.ReadLines(Path.Combine(target, "predictions.csv")).Skip(1).Select(l => l.Split(',')[1]).Where((_, i) => i % 2 == 0));
    }

    [Fact]
    public void Parents_are_predicted_after_the_assets_where_the_profile_asks_for_composites()
    {
        var profile = small.Write("composite.yaml", File.ReadAllText(small.Profile) + "composite: true\n");
        var incidents = small.Write("parents.csv", File.ReadAllText(small.Incidents) + "dc-1,2024-01-02T06:00:05Z,2024-01-02T07:00:00Z,outage\ndc-1,2024-01-04T06:00:05Z,,outage\n");
        var target = small.At("composites");
        var ended = Servimon.Run("backtest", "--profile", profile, "--samples", small.Samples, "--incidents", incidents, "--train-until", "2024-01-03T12:00:00Z", "--out", target)
            .Expect(ExitCode.Done);

        var times = File.ReadLines(small.Samples).Skip(1).Select(l => l.Split(',')[0]).Where(t => string.CompareOrdinal(t, "2024-01-03T12:00:00Z") >= 0).ToList();
        var rows = File.ReadLines(Path.Combine(target, "predictions.csv")).Skip(1).Select(r => r.Split(',')).ToList();
        Assert.Equal(2 * times.Count, rows.Count(r => r[0] != "dc-1"));
        // The brokers share a phase: every time that occurs is a step.
        Assert.Equal(times.Distinct().Order(StringComparer.Ordinal).SelectMany(t => new[] { t, t }), rows.Where(r => r[0] == "dc-1").Select(r => r[1]));
        Assert.Contains(rows, r => r[0] == "dc-1" && r[4] == "ready");
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "report.json")));
        var composites = report.RootElement.GetProperty("composites");
        Assert.Equal((1, 1, 5), (composites.GetProperty("count").GetInt32(), composites.GetProperty("incident_count").GetInt32(), report.RootElement.GetProperty("asset_count").GetInt32()));
        Assert.Contains("<h2>Composites</h2>", File.ReadAllText(Path.Combine(target, "report.html")), StringComparison.Ordinal);
        Assert.Contains("composites: 1, 1 incidents", ended.Out, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongForms => new()
    {
        { "--samples S --incidents I", "--train-until, --folds: give one of the two" },
        { "--samples S --incidents I --folds 2 --train-until 2024-01-03", "--train-until, --folds: give one of the two, not both" },
        { "--samples S --incidents I --folds 1", "--folds: '1' is no whole number from 2 to 1000000" },
        { "--samples S --folds 2", "--incidents: is missing" },
        { "--samples S --incidents I --train-samples S --train-incidents I --test-samples S", "--samples, --train-samples: give one file of each or separate files to train and test, not both" },
        { "--train-samples S --train-incidents I", "--test-samples: is missing; separate files need --train-samples, --train-incidents and --test-samples" },
        { "--train-samples S --train-incidents I --test-samples S --folds 3", "--train-until, --folds: split one file; separate files to train and test are split already" },
        { "--samples S --incidents I --folds 2 --pool small,S", "--pool: 'small,S' has 2 parts; expected PROFILE,SAMPLES,INCIDENTS" },
    };

    [Theory]
    [MemberData(nameof(WrongForms))]
    public void A_wrong_form_is_one_line_and_nothing_is_written(string options, string message)
    {
        var target = small.At("wrong-form");
        var args = options.Split(' ').Select(a => a == "S" ? small.Samples : a == "I" ? small.Incidents : a);
        var ended = Backtest([.. args, "--out", target]).Expect(ExitCode.WrongInput);

        Assert.Equal([$"servimon: {message}", "servimon: see 'servimon backtest --help'"], ended.ErrorLines);
        Assert.False(Path.Exists(target));
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_a_failure_and_the_others_stay_as_they_were()
    {
        var target = small.At("blocked");
        Directory.CreateDirectory(Path.Combine(target, "report.html"));
        File.WriteAllText(Path.Combine(target, "predictions.csv"), "old");
        var ended = Backtest("--samples", small.Samples, "--incidents", small.Incidents, "--folds", "2", "--out", target).Expect(ExitCode.Failed);

        Assert.Single(ended.ErrorLines);
        Assert.Contains("report.html is a folder", ended.Error, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path.Combine(target, "predictions.csv")));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(target).Count());
    }

    private Ended Backtest(params string[] args) => Servimon.Run(["backtest", "--profile", small.Profile, .. args]);
}
