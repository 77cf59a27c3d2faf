using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class FoldPlanTests
{
    [Fact]
    public void Assets_stay_whole_and_incidents_are_spread()
    {
        var table = new SyntheticFleet { Assets = 100 }.Draw().Table;
        var rows = HazardRows.From(table, [table], 6);
        var plan = FoldPlan.Make(rows, r => r < rows.OwnCount, 5, 1)!;
        var byAsset = Enumerable.Range(0, table.Count).GroupBy(r => table.Asset[r]).Select(g => g.Select(r => plan.Fold[r]).Distinct().ToArray()).ToArray();
        Assert.All(byAsset, folds => Assert.Single(folds));
        Assert.All(Enumerable.Range(table.Count, table.Count), r => Assert.Equal(-1, plan.Fold[r]));
        var incidents = Enumerable.Range(0, 5).Select(f => Enumerable.Range(0, table.Count).Where(r => plan.Fold[r] == f).Select(r => rows.Incident[r]).Where(i => i >= 0).Distinct().Count()).ToArray();
        Assert.True(incidents.Max() - incidents.Min() <= 1, string.Join(" ", incidents));
    }

    [Fact]
    public void One_group_with_incidents_cannot_be_split()
    {
        var table = new SyntheticFleet { Assets = 30 }.Draw().Table;
        var one = SyntheticFleet.Sample(table, r => table.Incident[r] is 0 or -1, _ => 1);
        Assert.Null(FoldPlan.Make(HazardRows.From(one, [], 6), _ => true, 5, 1));
    }
}
