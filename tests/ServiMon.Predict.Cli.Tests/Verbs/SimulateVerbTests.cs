namespace ServiMon.Predict.Cli.Verbs;

public sealed class SimulateVerbTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Each_kind_has_its_folder_and_one_seed_gives_the_same_bytes()
    {
        foreach (var (name, seed) in new[] { ("one", "4"), ("again", "4"), ("other", "5") })
            Servimon.Run("simulate", "--fleet", "observatory", "--days", "0.1", "--assets", "1", "--seed", seed, "--out", small.At(name)).Expect(ExitCode.Done);

        Assert.Equal(["cassandra-node", "host", "kafka-broker", "telescope-drive"], Directory.EnumerateDirectories(small.At("one")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in new[] { "samples.csv", "incidents.csv", "maintenance.csv", "truth.csv" })
            Assert.Equal(File.ReadAllText(small.At(Path.Combine("one", "host", file))), File.ReadAllText(small.At(Path.Combine("again", "host", file))));
        Assert.NotEqual(File.ReadAllText(small.At(Path.Combine("one", "host", "samples.csv"))), File.ReadAllText(small.At(Path.Combine("other", "host", "samples.csv"))));
        Assert.Equal("asset,time,horizon_seconds,probability", File.ReadLines(small.At(Path.Combine("one", "host", "truth.csv"))).First());
    }

    [Fact]
    public void An_unknown_fleet_lists_those_there_are_and_writes_nothing()
    {
        var target = small.At("unknown");
        var ended = Servimon.Run("simulate", "--fleet", "navy", "--days", "1", "--out", target).Expect(ExitCode.WrongInput);

        Assert.Equal("servimon: --fleet: 'navy' is not one of observatory, no-precursor, brokers, drives", ended.ErrorLines[0]);
        Assert.False(Path.Exists(target));
    }
}
