using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training;

public sealed class RowBudgetTests
{
    private static readonly Profile Profile = new()
    {
        Name = "test",
        Step = TimeSpan.FromSeconds(10),
        Horizons = [new(TimeSpan.FromMinutes(10), "10m"), new(TimeSpan.FromMinutes(30), "30m")],
        Lateness = TimeSpan.FromSeconds(20),
        WarmUp = TimeSpan.FromSeconds(30),
        StaleAfter = TimeSpan.FromSeconds(100),
        HalfLives = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20)],
        Groups = ["pressure"],
        Metrics = [new MetricSpec { Name = "load", Group = "pressure" }],
    };

    /// <summary>An asset with an incident of a minute every three hours, one row every ten seconds.</summary>
    private static FleetRecord Fleet(int assets, int incidents)
    {
        var count = incidents * 1080;
        var history = Enumerable.Range(0, assets).Select(a => new AssetRows(
            $"asset-{a}", ["load"], [.. Enumerable.Range(0, count).Select(i => i * Profile.Step.Ticks)], [.. Enumerable.Range(0, count).Select(i => (double)(i % 7))]));
        var failures = Enumerable.Range(0, assets).SelectMany(a => Enumerable.Range(0, incidents).Select(i =>
        {
            var start = new DateTimeOffset((i * 1080 + 1000) * Profile.Step.Ticks, TimeSpan.Zero);
            return new Incident($"asset-{a}", start, start.AddMinutes(1), "");
        }));
        return new FleetRecord(new FleetHistory(["load"], [.. history]), [.. failures], []);
    }

    [Fact]
    public void Rows_before_many_incidents_outgrew_the_budget()
    {
        var fleet = Fleet(20, 20);
        var table = EvidenceTableBuilder.Build(new EvidenceModel(Profile), fleet, null, null, 1, null, TestContext.Current.CancellationToken);
        Assert.InRange(table.Count, EvidenceTableBuilder.DefaultRowBudget * 0.9, EvidenceTableBuilder.DefaultRowBudget * 1.05);
        // What is left stands for all of them, near the incidents and far away.
        Assert.InRange(table.Weight.Sum(w => (double)w), 0.97 * fleet.History.RowCount, 1.01 * fleet.History.RowCount);
        var near = Enumerable.Range(0, table.Count).Where(r => table.SecondsToIncident[r] <= 600).Sum(r => (double)table.Weight[r]);
        Assert.InRange(near / (400 * 60), 0.95, 1.05);
    }
}
