using ServiMon.Predict.Series;
using Xunit;

namespace ServiMon.Predict.Training.Tests;

public sealed class UnitLivesTests
{
    private static Incident Fails(string asset, int hour, int? end = null) =>
        new(asset, SmallFleets.Start.AddHours(hour), end is { } e ? SmallFleets.Start.AddHours(e) : null, "k");

    private static bool Single(IEnumerable<Incident> incidents, int? until = null, IReadOnlySet<string>? assets = null) =>
        UnitLives.AreSingle(new FleetRecord(new FleetHistory([], []), [.. incidents], []), assets, until is { } u ? SmallFleets.Start.AddHours(u) : null);

    private static readonly Incident[] Five = [.. Enumerable.Range(0, 5).Select(i => Fails($"u{i}", 10 * i))];

    [Fact]
    public void Five_units_that_failed_for_good_lived_once()
    {
        Assert.True(Single(Five));
        Assert.False(Single(Five[..4]));
        Assert.False(Single([.. Five, Fails("v", 5, 6)]));
        Assert.False(Single([.. Five, Fails("u0", 50)]));
    }

    [Fact]
    public void What_comes_after_the_cut_is_not_known()
    {
        Assert.True(Single([.. Five, Fails("v", 60, 61), Fails("u0", 62)], until: 60));
        Assert.False(Single(Five, until: 40));
        // Ongoing at the cut: that it ends later is not known yet.
        Assert.True(Single([.. Five, Fails("v", 50, 70)], until: 60));
        Assert.False(Single([.. Five, Fails("v", 50, 59)], until: 60));
    }

    [Fact]
    public void Only_the_chosen_assets_count()
    {
        Assert.True(Single([.. Five, Fails("v", 5, 6)], assets: Five.Select(i => i.Asset).ToHashSet()));
        Assert.False(Single(Five, assets: Five[..4].Select(i => i.Asset).ToHashSet()));
    }
}
