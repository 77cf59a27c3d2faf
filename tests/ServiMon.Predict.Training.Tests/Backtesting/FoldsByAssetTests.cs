using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Backtesting;

public sealed class FoldsByAssetTests
{
    private static readonly string[] Assets = [.. Enumerable.Range(0, 23).Select(i => $"a{i}")];

    private static readonly Incident[] Incidents = [.. Enumerable.Range(0, 9).SelectMany(i => Enumerable.Range(0, 1 + i % 3).Select(k => new Incident($"a{2 * i}", DateTimeOffset.UnixEpoch.AddHours(k), null, "k")))];

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(23)]
    public void Folds_have_as_many_assets_and_as_many_failing_ones(int folds)
    {
        var fold = FoldsByAsset.Assign(Assets, Incidents, folds, 1);
        Assert.Equal(Assets.Order(), fold.Keys.Order());
        var sizes = Enumerable.Range(0, folds).Select(f => fold.Values.Count(v => v == f)).ToArray();
        Assert.True(sizes.Max() - sizes.Min() <= 1);
        var failing = Enumerable.Range(0, folds).Select(f => Incidents.Select(i => i.Asset).Distinct().Count(a => fold[a] == f)).ToArray();
        Assert.True(failing.Max() - failing.Min() <= 1);
    }

    [Fact]
    public void Only_seed_names_and_who_fails_decide()
    {
        var fold = FoldsByAsset.Assign(Assets, Incidents, 5, 1);
        Assert.Equal(fold.OrderBy(p => p.Key), FoldsByAsset.Assign([.. Assets.Reverse()], [.. Incidents.Reverse()], 5, 1).OrderBy(p => p.Key));
        Assert.Equal(fold, FoldsByAsset.Assign(Assets, [.. Incidents.Select(i => i with { Start = i.Start.AddDays(9), End = i.Start.AddDays(10) })], 5, 1));
        Assert.NotEqual(fold, FoldsByAsset.Assign(Assets, Incidents, 5, 2));
    }
}
