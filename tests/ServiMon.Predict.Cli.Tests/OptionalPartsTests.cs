namespace ServiMon.Predict.Cli;

/// <summary>An embedded build that is asked for a part of the full one says how to get it, in one line, and does nothing.</summary>
public sealed class OptionalPartsTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    private const string HowToGetIt = "this is the embedded build, which has no such thing; make the full build: dotnet publish src/ServiMon.Predict.Cli -c Release -p:Full=true";

    [Theory]
    [InlineData("models", "list")]
    [InlineData("serve", "--check")]
    [InlineData("train", "--profile", "host")]
    public void Cassandra_is_of_the_full_build(params string[] arguments)
    {
        SkipInFullBuild();
        var environment = new Dictionary<string, string> { ["SERVIMON__STORE__KIND"] = "cassandra", ["SERVIMON__CASSANDRA__CONTACT_POINTS"] = "127.0.0.1", ["SERVIMON__PROFILES__0"] = "host" };
        var ended = Servimon.RunIn(small.At(""), environment, arguments).Expect(ExitCode.WrongInput);

        Assert.Equal($"servimon: store.kind cassandra: {HowToGetIt}", Assert.Single(ended.ErrorLines));
        Assert.Equal("", ended.Out);
    }

    [Theory]
    [InlineData("detect")]
    [InlineData("forecast", "--horizon", "3")]
    public void The_engine_of_ML_NET_is_of_the_full_build(params string[] arguments)
    {
        SkipInFullBuild();
        var input = small.Write("few.csv", "time,value\n2024-01-01T00:00:00Z,1\n2024-01-01T00:01:00Z,2\n2024-01-01T00:02:00Z,3\n");
        var ended = Servimon.Run([.. arguments, "--engine", "mlnet", "--input", input, "--output", small.At("none.csv")]).Expect(ExitCode.WrongInput);

        Assert.Equal($"servimon: engine mlnet: {HowToGetIt}", Assert.Single(ended.ErrorLines));
        Assert.False(File.Exists(small.At("none.csv")));
    }

    [Fact]
    public void An_engine_that_there_is_not_is_named_with_those_that_are() => Assert.Contains("--engine: 'arima' is no engine; allowed: servimon, mlnet",
        Servimon.Run("detect", "--engine", "arima", "--input", "x", "--output", "y").Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);

    private static void SkipInFullBuild() =>
        Assert.SkipWhen(File.Exists(Path.Combine(AppContext.BaseDirectory, "Cassandra.dll")), "this is the full build, which has these parts");
}
