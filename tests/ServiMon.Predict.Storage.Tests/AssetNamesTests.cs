using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Tests.Embedded;

namespace ServiMon.Predict.Storage.Tests;

public class AssetNamesTests
{
    private const string Fleet = "host";
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_renamed_asset_takes_everything_with_it()
    {
        using var open = new OpenStore();
        var (history, incidents) = (open.Store.History, open.Store.Incidents);
        await history.AppendAsync(Fleet, [Rows("a", 0, 5000), Rows("b", 0, 10)], Ct);
        await incidents.AddIncidentsAsync(Fleet, [new Incident("a", Start, null, "k")], Ct);
        await incidents.AddMaintenanceAsync(Fleet, [new MaintenanceWindow("a", Start, Start.AddHours(1), "planned")], Ct);

        Assert.Equal(new AssetChange(5000, 1, 1), await AssetNames.RenameAsync(history, incidents, Fleet, "a", "new/a", false, Ct));
        Assert.Equal(["b", "new/a"], (await history.ListAssetsAsync(Fleet, Ct)).Select(a => a.Asset));
        var read = await history.ReadAsync(new HistoryQuery { Profile = Fleet, Assets = ["new/a"] }, Ct).ToListAsync(Ct);
        Assert.Equal(Rows("a", 0, 5000).Values, read.SelectMany(r => r.Values));
        Assert.Equal(new Incident("new/a", Start, null, "k"), await incidents.ListIncidentsAsync(new IntervalQuery { Profile = Fleet }, Ct).SingleAsync(Ct));
        Assert.Equal("new/a", (await incidents.ListMaintenanceAsync(new IntervalQuery { Profile = Fleet }, Ct).SingleAsync(Ct)).Asset);
    }

    [Fact]
    public async Task Another_asset_of_the_new_name_is_added_to_only_when_asked()
    {
        using var open = new OpenStore();
        var (history, incidents) = (open.Store.History, open.Store.Incidents);
        await history.AppendAsync(Fleet, [Rows("a", 5, 10), Rows("b", 0, 10)], Ct);
        var refused = await Assert.ThrowsAsync<InputException>(() => AssetNames.RenameAsync(history, incidents, Fleet, "a", "b", false, Ct));
        Assert.Equal("TO: there is an asset 'b' of 'host' already; --merge adds to it", refused.Message);
        await Assert.ThrowsAsync<InputException>(() => AssetNames.RenameAsync(history, incidents, Fleet, "c", "d", false, Ct));
        await AssetNames.RenameAsync(history, incidents, Fleet, "a", "b", true, Ct);
        Assert.Equal(15, Assert.Single(await history.ListAssetsAsync(Fleet, Ct)).RowCount);
    }

    [Fact]
    public async Task A_retired_asset_is_in_maintenance_for_good_and_a_removed_one_is_gone()
    {
        using var open = new OpenStore();
        var (history, incidents) = (open.Store.History, open.Store.Incidents);
        await history.AppendAsync(Fleet, [Rows("a", 0, 10)], Ct);
        var from = await AssetNames.RetireAsync(history, incidents, Fleet, "a", null, Ct);
        var window = await incidents.ListMaintenanceAsync(new IntervalQuery { Profile = Fleet }, Ct).SingleAsync(Ct);
        Assert.Equal(new MaintenanceWindow("a", from, null, AssetNames.RetiredKind), window);
        Assert.True(from > Start.AddMinutes(9) && from < Start.AddMinutes(10));

        Assert.Equal(new AssetChange(10, 0, 1), await AssetNames.RemoveAsync(history, incidents, Fleet, "a", Ct));
        Assert.Empty(await history.ListAssetsAsync(Fleet, Ct));
        Assert.Empty(await incidents.ListMaintenanceAsync(new IntervalQuery { Profile = Fleet }, Ct).ToListAsync(Ct));
        await Assert.ThrowsAsync<InputException>(() => AssetNames.RemoveAsync(history, incidents, Fleet, "a", Ct));
    }

    private static AssetRows Rows(string asset, int start, int count) => new(
        asset, ["m"], [.. Enumerable.Range(start, count).Select(i => Start.AddMinutes(i).UtcTicks)], [.. Enumerable.Range(start, count).Select(i => i * 0.5)]);
}
