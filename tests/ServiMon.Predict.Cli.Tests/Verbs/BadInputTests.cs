namespace ServiMon.Predict.Cli.Verbs;

/// <summary>Bad files: every problem is one line that names file and line, the exit code is 2, and nothing is written.</summary>
public sealed class BadInputTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    private const string Header = "time,asset,x\n";
    private const string Good = "2024-01-01T00:00:00Z,a,1\n2024-01-01T00:10:00Z,a,2\n";

    public static TheoryData<string, string, string> Samples => new()
    {
        { "no-asset", "time,x\n2024-01-01T00:00:00Z,1\n", ":1: column 'asset' is missing" },
        { "number", Header + Good + "2024-01-01T00:20:00Z,a,many\n", ":4: x 'many' is not a number" },
        { "time", Header + "yesterday,a,1\n", ":2: time 'yesterday' is not" },
        { "order", Header + "2024-01-01T00:10:00Z,a,1\n2024-01-01T00:00:00Z,a,2\n", ":3: " },
        { "duplicate", Header + "2024-01-01T00:00:00Z,a,1\n2024-01-01T00:00:00Z,a,2\n", ":3: " },
        { "empty", "", ": " },
        { "header-only", Header, ": there are no rows under the header" },
        { "cut", Header + Good + "2024-01-01T00:2", ":4: the file is cut in the middle of this line" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Bad_samples_stop_backtest_and_import(string name, string text, string message)
    {
        var samples = small.Write($"{name}.csv", text);
        var incidents = small.Write($"{name}-incidents.csv", "asset,start,end,kind\n");
        var target = small.At($"{name}-out");
        var backtest = Servimon.Run("backtest", "--profile", small.Profile, "--samples", samples, "--incidents", incidents, "--folds", "2", "--out", target).Expect(ExitCode.WrongInput);
        var import = Servimon.Run("import", "csv", samples, "--profile", small.Profile, "--store", target).Expect(ExitCode.WrongInput);

        foreach (var ended in new[] { backtest, import }) Assert.StartsWith($"servimon: {samples}{message}", Assert.Single(ended.ErrorLines), StringComparison.Ordinal);
        Assert.False(Path.Exists(target));
    }

    [Fact]
    public void A_cut_file_is_counted_and_passed_over_when_asked_to()
    {
        var samples = small.Write("skip.csv", File.ReadAllText(small.Samples)[..^100]);
        var ended = Servimon.Run("import", "csv", samples, "--profile", small.Profile, "--store", small.At("skip-store"), "--skip-bad-rows").Expect(ExitCode.Done);

        Assert.StartsWith($"{samples}: skipped 1 rows (1 cut)", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Incidents_of_unknown_assets_and_bad_samples_are_listed_together()
    {
        var samples = small.Write("both.csv", Header + Good);
        var incidents = small.Write("both-incidents.csv", "asset,start,end,kind\nb,2024-01-01T00:00:00Z,,x\na,soon,,x\n");
        var ended = Servimon.Run("backtest", "--profile", small.Profile, "--samples", samples, "--incidents", incidents, "--folds", "2", "--out", small.At("both-out")).Expect(ExitCode.WrongInput);

        Assert.Collection(ended.ErrorLines,
            l => Assert.StartsWith($"servimon: {incidents}:2: asset 'b'", l, StringComparison.Ordinal),
            l => Assert.StartsWith($"servimon: {incidents}:3: start 'soon'", l, StringComparison.Ordinal));
        Assert.False(Path.Exists(small.At("both-out")));
    }

    [Fact]
    public void A_profile_with_several_errors_lists_them_all()
    {
        var profile = small.Write("bad.yaml", "profile: bad\nstep: 10 minutes\nhorizons: [1h]\nhorizon: 2h\n");
        var check = Servimon.Run("profile", "check", profile).Expect(ExitCode.WrongInput);
        var backtest = Servimon.Run("backtest", "--profile", profile, "--samples", small.Samples, "--incidents", small.Incidents, "--folds", "2", "--out", small.At("bad-out")).Expect(ExitCode.WrongInput);

        foreach (var ended in new[] { check, backtest })
            Assert.Collection(ended.ErrorLines,
                l => Assert.StartsWith($"servimon: {profile}:2: step: '10 minutes'", l, StringComparison.Ordinal),
                l => Assert.StartsWith($"servimon: {profile}:4: horizon", l, StringComparison.Ordinal));
        Assert.False(Path.Exists(small.At("bad-out")));
    }

    [Theory]
    [InlineData("detect")]
    [InlineData("forecast")]
    public void A_series_that_cannot_be_read_leaves_no_output(string verb)
    {
        var input = small.Write($"{verb}-bad.csv", "time,value\n2024-01-01T00:00:00Z,1\n2024-01-01T00:01:00Z,x\n");
        var output = small.At($"{verb}-none.csv");
        string[] horizon = verb == "forecast" ? ["--horizon", "3"] : [];
        var ended = Servimon.Run([verb, "--input", input, "--output", output, .. horizon]).Expect(ExitCode.WrongInput);

        Assert.StartsWith($"servimon: {input}:3: value 'x' is not a number", Assert.Single(ended.ErrorLines), StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() => Assert.Equal(
        [$"servimon: {small.At("absent.csv")}: no such file"],
        Servimon.Run("detect", "--input", small.At("absent.csv"), "--output", small.At("x.csv")).Expect(ExitCode.WrongInput).ErrorLines);
}
