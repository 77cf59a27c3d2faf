namespace ServiMon.Predict.Cli.Verbs;

public sealed class ProfileVerbsTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void A_draft_passes_the_check()
    {
        var draft = small.At("draft.yaml");
        var ended = Servimon.Run("profile", "init", "--samples", small.Samples, "--out", draft).Expect(ExitCode.Done);

        Assert.Contains(draft, ended.Out, StringComparison.Ordinal);
        Assert.StartsWith("ok: samples, step 10m, ", Servimon.Run("profile", "check", draft).Expect(ExitCode.Done).Out, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(draft), Servimon.Run("profile", "init", "--samples", small.Samples).Expect(ExitCode.Done).Out);
    }

    [Theory]
    [InlineData("host")]
    [InlineData("kafka-broker")]
    [InlineData("cassandra-node")]
    [InlineData("telescope-drive")]
    [InlineData("recorded-kafka")]
    [InlineData("recorded-cassandra")]
    public void Shipped_profiles_are_found_by_name(string name) =>
        Assert.StartsWith($"ok: {name}, ", Servimon.Run("profile", "check", name).Expect(ExitCode.Done).Out, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_profile_suggests_the_nearest() => Assert.StartsWith(
        "servimon: --profile: 'kafka-brokr' is neither a file nor a profile in models/; did you mean 'kafka-broker'?; there are ",
        Servimon.Run("profile", "check", "kafka-brokr").Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
}
