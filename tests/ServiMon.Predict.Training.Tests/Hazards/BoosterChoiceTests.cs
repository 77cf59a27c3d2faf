using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class BoosterChoiceTests
{
    [Fact]
    public void A_missing_library_gives_one_line_and_the_fallback()
    {
        var reason = BoosterChoice.Reason("lib_lightgbm", "libgomp.so.1: cannot open shared object file: No such file or directory");
        var choice = BoosterChoice.Decide(null, null, () => reason);
        Assert.Equal(Booster.FastTree, choice.Booster);
        Assert.Equal(
            "LightGBM is not available: libgomp.so.1 is missing (Debian/Ubuntu: apt-get install libgomp1); FastTree is used instead", choice.Note);
        Assert.NotNull(BoosterChoice.Probe("no_such_library"));
    }

    [Fact]
    public void The_user_decides()
    {
        Assert.Equal(new BoosterChoice(Booster.FastTree, null), BoosterChoice.Decide(null, "FastTree", () => null));
        Assert.Equal(new BoosterChoice(Booster.LightGbm, null), BoosterChoice.Decide(Booster.LightGbm, "fasttree", () => null));
        Assert.Equal(Booster.FastTree, BoosterChoice.Decide(Booster.LightGbm, null, () => "x").Booster);
        Assert.Throws<InputException>(() => BoosterChoice.Decide(null, "xgboost", () => null));
    }

    [Fact]
    public void The_note_reaches_the_report_and_FastTree_fits()
    {
        var fleet = new SyntheticFleet { Assets = 80 };
        var request = fleet.Request(fleet.Draw().Table) with { Options = new HazardOptions { Booster = Booster.FastTree } };
        var fit = HazardTrainer.Fit(request, null, TestContext.Current.CancellationToken);
        Assert.Contains(fit.Report.Candidates, c => c.Name.StartsWith("boosted trees", StringComparison.Ordinal));
    }
}
