using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Reading;

/// <summary>Reading from a store, piece by piece and several assets at once, changes nothing.</summary>
public sealed class FleetInStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_000_000, false)]
    [InlineData(60_000, false)]
    [InlineData(1_000_000, true)]
    public async Task The_evidence_is_that_of_the_fleet_in_memory(long mostValues, bool cut)
    {
        var made = LongLives.Make(6, 40, 1); // 5,760 rows an asset: two blocks
        var fleet = RuleIncidents.AddTo(made, LongLives.Profile);
        DateTimeOffset? until = cut ? SmallFleets.Start.AddDays(30.2) : null;
        var folder = Directory.CreateTempSubdirectory("servimon-stored-").FullName;
        using (var store = EmbeddedStore.Open(folder))
        {
            await StoreAsync(store, made);
            var stored = await FleetInStore.OpenAsync(store.History, store.Incidents, LongLives.Profile with { Name = "p" }, Ct);
            var model = new EvidenceModel(LongLives.Profile);
            EvidenceTable Build(TrainingFleet f, int parallelism) => EvidenceTableBuilder.Build(
                model, f, null, until, 1, null, Ct, new ReadingOptions { MostValues = mostValues, Parallelism = parallelism });
            var (expected, actual) = (Build(fleet, 1), Build(stored, 4));

            Assert.Equal(expected.Ticks, actual.Ticks);
            Assert.Equal(expected.Values, actual.Values);
            // How many rows there are before a cut is counted in memory and estimated in a store: the density of rows, at worst, by one in 4,349.
            for (var r = 0; r < expected.Count; r++) Assert.Equal(expected.Weight[r], actual.Weight[r], cut ? expected.Weight[r] / 4000 : 0);
            Assert.Equal(expected.Incident, actual.Incident);
            Assert.Equal(expected.SecondsToIncident, actual.SecondsToIncident);
            Assert.Equal(expected.SecondsObserved, actual.SecondsObserved);
            Assert.Equal(mostValues >= 1_000_000, actual.Reading!.IsWhole);
            Assert.Equal(expected.Reading!.Sha256.Length, actual.Reading.Sha256.Length);
            Assert.True(actual.Count > 1000);
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_profile_without_history_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("servimon-stored-").FullName;
        using (var store = EmbeddedStore.Open(folder))
            Assert.Equal("profile: there is no history of 'p' to train on",
                (await Assert.ThrowsAsync<InputException>(() => FleetInStore.OpenAsync(store.History, store.Incidents, LongLives.Profile with { Name = "p" }, Ct))).Message);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Failures_that_the_rules_see_in_the_history_are_labels_too()
    {
        var made = LongLives.Make(3, 20, 2) with { Incidents = [] };
        var profile = LongLives.Profile with { FailureRules = [new FailureRule("worn", "wear", ">", 45, TimeSpan.FromMinutes(10))] };
        var expected = RuleIncidents.AddTo(made, profile).Incidents;
        var folder = Directory.CreateTempSubdirectory("servimon-stored-").FullName;
        using (var store = EmbeddedStore.Open(folder))
        {
            await StoreAsync(store, made);
            var stored = await FleetInStore.OpenAsync(store.History, store.Incidents, profile with { Name = "p" }, Ct);
            Assert.Equal(expected, stored.Incidents);
            Assert.Contains(expected, i => i.Kind == "rule:worn");
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task StoreAsync(EmbeddedStore store, FleetRecord fleet)
    {
        foreach (var asset in fleet.History.Assets) await store.History.AppendAsync("p", [asset], Ct);
        await store.Incidents.AddIncidentsAsync("p", fleet.Incidents, Ct);
        await store.Incidents.AddMaintenanceAsync("p", fleet.Maintenance, Ct);
    }
}
