using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Composites;

public sealed class CompositesInStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_evidence_of_composites_is_that_of_the_fleet_in_memory(bool cut)
    {
        var made = Telescopes.Simulate(14, 20, 5).History;
        var window = new MaintenanceWindow("array-1/telescope-1", Telescopes.Start.AddDays(3), Telescopes.Start.AddDays(4), "planned");
        DateTimeOffset? until = cut ? Telescopes.Start.AddDays(12.3) : null;
        var folder = Directory.CreateTempSubdirectory("servimon-stored-").FullName;
        using (var store = EmbeddedStore.Open(folder))
        {
            foreach (var asset in made.History.Assets) await store.History.AppendAsync("telescope", [asset], Ct);
            await store.Incidents.AddIncidentsAsync("telescope", made.Incidents, Ct);
            await store.Incidents.AddMaintenanceAsync("telescope", [window], Ct);
            var stored = await FleetInStore.OpenAsync(store.History, store.Incidents, Telescopes.Profile, Ct);
            Assert.Equal(3, stored.Maintenance.Count);
            var model = new EvidenceModel(Telescopes.Profile);
            var inMemory = made with { Maintenance = [window, .. stored.Maintenance.Where(m => m.Asset != window.Asset)] };
            var (expected, actual) = (Build(inMemory), Build(stored));

            // Five telescopes that failed, and the two arrays above them, which did not.
            Assert.Equal(7, actual.AssetCount);
            Assert.True(actual.Count > 1000);
            Assert.Equal(expected.Ticks.Order(), actual.Ticks.Order());
            Assert.Equal(expected.Values.Where(float.IsFinite).Select(v => (double)v).Sum(), actual.Values.Where(float.IsFinite).Select(v => (double)v).Sum(), 1e-6);
            Assert.Equal(expected.Incident.Count(i => i >= 0), actual.Incident.Count(i => i >= 0));
            Assert.Equal(expected.SecondsToIncident.Order(), actual.SecondsToIncident.Order());
            if (until is { } time) Assert.All(actual.Ticks, t => Assert.True(t < time.UtcTicks));

            EvidenceTable Build(TrainingFleet fleet) => CompositeTables.Build(model, fleet, null, until, 1, null, null, Ct)!;
        }
        Directory.Delete(folder, recursive: true);
    }
}
