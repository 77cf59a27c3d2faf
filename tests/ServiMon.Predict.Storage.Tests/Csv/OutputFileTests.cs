using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class OutputFileTests
{
    [Fact]
    public void Predictions_have_a_probability_only_when_ready()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("p.csv");
        using (var file = new PredictionFile(path))
        {
            file.Write("a,\"b\"", "2024-01-01 00:00:00", TimeSpan.FromMinutes(15), 1.0 / 3, PredictionState.Ready);
            file.Write("a", "2024-01-01T00:00:00Z", TimeSpan.FromHours(60), 0.5, PredictionState.WarmingUp);
            file.Write("a", "t", TimeSpan.FromSeconds(1.5), 1e-7, PredictionState.Ready);
            Assert.Throws<ArgumentOutOfRangeException>(() => file.Write("a", "t", TimeSpan.FromHours(1), double.NaN, PredictionState.Ready));
            Assert.False(File.Exists(path));
            file.Commit();
        }
        Assert.Equal(
            "asset,time,horizon_seconds,probability,state\n\"a,\"\"b\"\"\",2024-01-01 00:00:00,900,0.333333333,ready\n"
            + "a,2024-01-01T00:00:00Z,216000,,warming_up\na,t,1.5,1E-07,ready\n",
            File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_is_not_committed_leaves_nothing_and_spares_the_old_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.csv", "old");
        using (var file = new TruthFile(path)) file.Write("a", DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), 0.25);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Root));
        using (var file = new TruthFile(path))
        {
            file.Write("a", DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), 0.25);
            file.Commit();
        }
        Assert.Equal("asset,time,horizon_seconds,probability\na,1970-01-01T00:00:00Z,3600,0.25\n", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Root, "none", "p.csv");
        var problem = Assert.Throws<InputException>(() => new PredictionFile(path)).Problems[0];
        Assert.Equal(path, problem.Where);
        Assert.StartsWith("cannot be written: ", problem.What);
    }

    [Fact]
    public void Detections_and_forecasts_have_their_columns()
    {
        using var folder = new TemporaryFolder();
        using (var file = new DetectionFile(folder.Path("d.csv")))
        {
            file.Write("2014-04-01 00:00:00", 1.5, 0.25, 0.5, "none", "");
            file.Write("2014-04-01 00:05:00", double.NaN, double.NaN, double.NaN, "changepoint", "2014-04-01 00:00:00");
            file.Commit();
        }
        Assert.Equal("time,value,score,p_value,verdict,location\n2014-04-01 00:00:00,1.5,0.25,0.5,none,\n2014-04-01 00:05:00,,,,changepoint,2014-04-01 00:00:00\n",
            File.ReadAllText(folder.Path("d.csv")));
        using (var file = new ForecastFile(folder.Path("f.csv")))
        {
            file.Write(DateTimeOffset.UnixEpoch, 1, 2, 3);
            file.Commit();
        }
        Assert.Equal("time,q0.025,q0.5,q0.975\n1970-01-01T00:00:00Z,1,2,3\n", File.ReadAllText(folder.Path("f.csv")));
    }
}
