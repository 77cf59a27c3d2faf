using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Input;

public sealed class SampleLookTests
{
    [Theory]
    [InlineData("data/My Samples.csv.gz", "my-samples")]
    [InlineData("2024.csv", "draft")]
    [InlineData("turbofan.csv", "turbofan")]
    public void A_profile_is_named_after_its_file(string path, string name) => Assert.Equal(name, SampleLook.NameOf(path));

    [Fact]
    public void The_step_is_the_most_frequent_spacing_and_gaps_do_not_count()
    {
        var seconds = new long[] { 0, 2, 4, 6, 60, 62, 64 };
        var rows = new AssetRows("a", ["x"], [.. seconds.Select(s => s * TimeSpan.TicksPerSecond)], new double[seconds.Length]);

        Assert.Equal(TimeSpan.FromSeconds(2), SampleLook.StepOf(new FleetHistory(["x"], [rows])));
        Assert.Null(SampleLook.StepOf(new FleetHistory(["x"], [new AssetRows("a", ["x"], [0], [1])])));
    }

    [Fact]
    public void Statistics_compare_rows_of_one_asset_and_pass_over_gaps()
    {
        var first = new AssetRows("a", ["x"], [0, 1, 2, 3], [1, double.NaN, 3, 2]);
        var second = new AssetRows("b", ["x"], [0, 1], [9, 9]);
        var x = SampleLook.StatisticsOf(new FleetHistory(["x"], [first, second]))["x"];

        Assert.Equal((5L, 1.0, 9.0, 1L, 1L), (x.Count, x.Minimum, x.Maximum, x.Rises, x.Falls));
    }
}
