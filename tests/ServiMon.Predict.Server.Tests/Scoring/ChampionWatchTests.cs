using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Simulation;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class ChampionWatchTests : IDisposable
{
    private static readonly Profile Profile = ProfileReader.Parse("profile: small\nstep: 10m\nhorizons: [1h, 6h]\n", "small.yaml");

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-champion-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_promotion_a_rollback_and_an_incident_are_each_seen_once()
    {
        using var store = EmbeddedStore.Open(Path.Combine(_folder, "store"));
        var first = await AddAsync(store, "1");
        var second = await AddAsync(store, "2");
        var watch = new ChampionWatch(store.Models, store.Incidents, [Profile], NullLogger.Instance);
        // Its file names no metrics: there is nothing to score until a champion brings them.
        Assert.Empty(await watch.LookAsync(Ct));

        await store.Models.PromoteAsync(first, "test", Ct);
        var live = Assert.Single(await watch.LookAsync(Ct));
        Assert.Equal(first, live.ModelId);
        Assert.NotEmpty(live.Profile.Metrics);
        Assert.Equal(first, Assert.Single(watch.Champions).ModelId);
        Assert.Empty(await watch.LookAsync(Ct));

        await store.Models.PromoteAsync(second, "test", Ct);
        var digest = live.Evidence.Digest;
        live = Assert.Single(await watch.LookAsync(Ct));
        Assert.Equal((second, digest), (live.ModelId, live.Evidence.Digest));
        await store.Models.RollbackAsync("small", "test", Ct);
        Assert.Equal(first, Assert.Single(await watch.LookAsync(Ct)).ModelId);

        await store.Incidents.AddIncidentsAsync("small", [new Incident("a", LiveFleets.Start, null, "")], Ct);
        live = Assert.Single(await watch.LookAsync(Ct));
        Assert.True(live.Timelines["a"].InIncident(LiveFleets.Start.AddHours(1).UtcTicks));
        Assert.Equal(first, live.ModelId);
        Assert.Empty(await watch.LookAsync(Ct));
    }

    [Fact]
    public async Task A_champion_that_cannot_be_read_leaves_what_was_there()
    {
        using var store = EmbeddedStore.Open(Path.Combine(_folder, "store"));
        var good = await AddAsync(store, "1");
        var bad = (await store.Models.AddAsync("small", "no bundle"u8.ToArray(), "{}", Ct)).Id;
        var watch = new ChampionWatch(store.Models, store.Incidents, [Profile], NullLogger.Instance);
        await store.Models.PromoteAsync(good, "test", Ct);
        Assert.Single(await watch.LookAsync(Ct));
        await store.Models.PromoteAsync(bad, "test", Ct);
        Assert.All(await watch.LookAsync(Ct), live => Assert.Equal(good, live.ModelId));
        Assert.Empty(await watch.LookAsync(Ct));
        Assert.Equal(good, Assert.Single(watch.Champions).ModelId);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The same small model each time, in bundles that differ in the version that they name.</summary>
    private async Task<string> AddAsync(EmbeddedStore store, string version)
    {
        var fleet = FleetSimulation.Run(new SimulationOptions
        {
            Fleet = "brokers", Duration = TimeSpan.FromDays(4), Step = TimeSpan.FromMinutes(10), AssetCountOverride = 3, Horizons = [TimeSpan.FromHours(1)], Seed = 2,
        })[0].History;
        var request = new TrainingRequest { Profile = ProfileInference.Complete(Profile, fleet.History.Metrics), Fleet = fleet };
        var file = Path.Combine(_folder, $"{version}.zip");
        Trainer.Train(request, null, Ct).ToBundle(request, version).Save(file);
        return (await store.Models.AddAsync("small", await File.ReadAllBytesAsync(file, Ct), "{}", Ct)).Id;
    }
}
