using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Testing.Stores;

/// <summary>What every incident store must do.</summary>
public abstract class IncidentStoreContract
{
    private const string Fleet = "host";

    /// <summary>The store of this test, empty when the test starts.</summary>
    protected abstract IIncidentStore Store { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Incidents_are_added_once_and_listed_in_order()
    {
        Incident[] incidents = [new("b", At(1), At(2), "disk"), new("a", At(5), null, ""), new("a", At(1), At(1), "x,\"y\"")];
        Assert.Equal(new AppendCount(3, 0), await Store.AddIncidentsAsync(Fleet, incidents, Ct));
        Assert.Equal(new AppendCount(0, 3), await Store.AddIncidentsAsync(Fleet, incidents, Ct));
        Assert.Equal([incidents[2], incidents[1], incidents[0]], await Incidents(new IntervalQuery { Profile = Fleet }));
        Assert.Empty(await Incidents(new IntervalQuery { Profile = "other" }));
        Assert.Empty(await Windows(new IntervalQuery { Profile = Fleet }));
    }

    [Fact]
    public async Task Adding_an_open_incident_again_closes_it()
    {
        await Store.AddIncidentsAsync(Fleet, [new Incident("a", At(1), null, "")], Ct);
        Assert.Equal(new AppendCount(0, 1), await Store.AddIncidentsAsync(Fleet, [new Incident("a", At(1), At(4), "memory")], Ct));
        Assert.Equal([new Incident("a", At(1), At(4), "memory")], await Incidents(new IntervalQuery { Profile = Fleet }));
    }

    [Fact]
    public async Task Queries_choose_by_asset_and_by_overlap_in_time()
    {
        Incident[] incidents = [new("a", At(1), At(3), "1"), new("a", At(5), null, "2"), new("b", At(2), At(9), "3")];
        await Store.AddIncidentsAsync(Fleet, incidents, Ct);
        Assert.Equal(["1", "2"], await Kinds(new IntervalQuery { Profile = Fleet, Assets = ["a", "none"] }));
        Assert.Equal(["2", "3"], await Kinds(new IntervalQuery { Profile = Fleet, From = At(3) }));
        Assert.Equal(["1", "3"], await Kinds(new IntervalQuery { Profile = Fleet, To = At(5) }));
        Assert.Equal(["1", "3"], await Kinds(new IntervalQuery { Profile = Fleet, From = At(2), To = At(4) }));
        Assert.Empty(await Kinds(new IntervalQuery { Profile = Fleet, Assets = [] }));
    }

    [Fact]
    public async Task Maintenance_is_apart_from_incidents()
    {
        var window = new MaintenanceWindow("a", At(1), At(2), "upgrade");
        Assert.Equal(new AppendCount(1, 0), await Store.AddMaintenanceAsync(Fleet, [window], Ct));
        Assert.Equal([window], await Windows(new IntervalQuery { Profile = Fleet }));
        Assert.Empty(await Incidents(new IntervalQuery { Profile = Fleet }));
        Assert.False(await Store.RemoveIncidentAsync(Fleet, "a", At(1), Ct));
        Assert.True(await Store.RemoveMaintenanceAsync(Fleet, "a", At(1), Ct));
        Assert.Empty(await Windows(new IntervalQuery { Profile = Fleet }));
    }

    [Fact]
    public async Task An_incident_can_be_taken_back_once()
    {
        await Store.AddIncidentsAsync(Fleet, [new Incident("a", At(1), At(2), ""), new Incident("a", At(3), At(4), "")], Ct);
        Assert.True(await Store.RemoveIncidentAsync(Fleet, "a", At(1), Ct));
        Assert.False(await Store.RemoveIncidentAsync(Fleet, "a", At(1), Ct));
        Assert.Equal(At(3), Assert.Single(await Incidents(new IntervalQuery { Profile = Fleet })).Start);
    }

    [Fact]
    public async Task An_end_before_the_start_is_a_misuse_and_nothing_is_kept()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AddIncidentsAsync(
            Fleet, [new Incident("a", At(1), At(2), ""), new Incident("b", At(2), At(1), "")], Ct));
        Assert.Empty(await Incidents(new IntervalQuery { Profile = Fleet }));
    }

    private async Task<List<Incident>> Incidents(IntervalQuery query)
    {
        var all = new List<Incident>();
        await foreach (var incident in Store.ListIncidentsAsync(query, Ct)) all.Add(incident);
        return all;
    }

    private async Task<List<MaintenanceWindow>> Windows(IntervalQuery query)
    {
        var all = new List<MaintenanceWindow>();
        await foreach (var window in Store.ListMaintenanceAsync(query, Ct)) all.Add(window);
        return all;
    }

    private async Task<IEnumerable<string>> Kinds(IntervalQuery query) => (await Incidents(query)).Select(i => i.Kind);

    private static DateTimeOffset At(int day) => new(2024, 1, day, 0, 0, 0, TimeSpan.Zero);
}
