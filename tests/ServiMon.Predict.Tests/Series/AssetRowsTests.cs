namespace ServiMon.Predict.Series;

public sealed class AssetRowsTests
{
    private static readonly long Noon = new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.Zero).Ticks;

    [Fact]
    public void A_row_is_one_step_of_all_metrics()
    {
        var rows = new AssetRows("broker-1", ["cpu", "heap"], [Noon, Noon + TimeSpan.TicksPerSecond], [0.1, 10, 0.2, double.NaN]);

        Assert.Equal(2, rows.Count);
        Assert.Equal([0.2, double.NaN], rows.Row(1).ToArray());
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 12, 0, 1, TimeSpan.Zero), rows.Time(1));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Values_that_are_not_rows_times_metrics_are_refused(int count)
    {
        var error = Assert.Throws<ArgumentException>(() => new AssetRows("broker-1", ["cpu", "heap"], [Noon, Noon + 1], new double[count]));

        Assert.Contains($"values has {count} entries, expected 2 rows x 2 metrics", error.Message);
    }

    [Fact]
    public void A_fleet_counts_the_rows_of_all_its_assets()
    {
        string[] metrics = ["cpu"];
        var fleet = new FleetHistory(metrics, [
            new AssetRows("a", metrics, [Noon, Noon + 1], [1, 2]),
            new AssetRows("b", metrics, [Noon], [3]),
        ]);

        Assert.Equal(3, fleet.RowCount);
    }
}
