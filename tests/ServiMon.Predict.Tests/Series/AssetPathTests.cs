using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Series;

public sealed class AssetPathTests
{
    [Theory]
    [InlineData("array-1/telescope-3/az-drive", "array-1/telescope-3", "array-1")]
    [InlineData("broker-1")]
    [InlineData("/etc/host", "/etc")]
    public void Parents_are_the_paths_above(string path, params string[] parents) => Assert.Equal(parents, AssetPath.Parents(path));

    [Fact]
    public void A_composite_has_all_that_is_below_it_and_nested_ones_are_composites_each()
    {
        var composites = Composite.Of(["b/2/x", "a/1/x", "c", "a/1/y", "a/2/x"]);
        Assert.Equal(["a", "a/1", "a/2", "b", "b/2"], composites.Select(c => c.Path));
        Assert.Equal([1, 3, 4], composites[0].Members);
        Assert.Equal([4], composites[2].Members);
    }

    [Fact]
    public void A_parent_with_rows_of_its_own_is_an_asset() =>
        Assert.Equal(["a"], Composite.Of(["a/1", "a/1/x"]).Select(c => c.Path));

    [Fact]
    public void Maintenance_of_a_parent_is_maintenance_of_all_that_is_below_it()
    {
        var window = new MaintenanceWindow("a/1", DateTimeOffset.UnixEpoch, null, "planned");
        Assert.Equal(["a/1", "a/1/x", "a/1/y/z"], Composite.WithMembers([window], ["a", "a/1", "a/1/x", "a/1/y/z", "a/11/x"]).Select(w => w.Asset));
    }
}
