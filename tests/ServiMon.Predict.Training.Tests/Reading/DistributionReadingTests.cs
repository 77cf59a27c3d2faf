using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Reading;

/// <summary>The reference distributions that training collects: those of the healthy steps, whatever part of the history is read and in what order.</summary>
public sealed class DistributionReadingTests(ITestOutputHelper output)
{
    private static readonly FleetRecord Fleet = LongLives.Make(20, 60, 1);
    private static readonly EvidenceModel Model = new(LongLives.Profile);
    private static readonly Lazy<MetricDistributions> Whole = new(() => OfRows(Fleet));

    [Fact]
    public void Read_whole_they_are_those_of_the_healthy_rows_to_the_byte()
    {
        var read = Build(1, long.MaxValue);
        output.WriteLine($"{read.StepCount} steps, {Bytes(read).Length} bytes");
        Assert.Equal(Bytes(Whole.Value), Bytes(read));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(100_000)]
    public void They_do_not_depend_on_how_many_assets_are_read_at_once(long mostValues)
    {
        var one = Bytes(Build(1, mostValues));
        foreach (var parallelism in new[] { 2, 4, 16 }) Assert.Equal(one, Bytes(Build(1, mostValues, parallelism)));
    }

    /// <summary>
    /// Windows before incidents and tiles are drawn with different shares. Wear rises for ten hours before a failure, so its upper tail lies in the
    /// windows: did they count for more or less than tiles, the tail would be too heavy or too light.
    /// </summary>
    [Theory]
    [InlineData(300_000)] // all windows, a part of the tiles
    [InlineData(20_000)] // not even all windows
    public void Read_in_stretches_their_tails_are_those_of_the_whole(long mostValues)
    {
        const int Draws = 30;
        var level = Whole.Value[0].Quantile(0.995);
        var exact = 1 - Whole.Value[0].ShareUpTo(level);
        var shares = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var read = Build((ulong)draw + 1, mostValues, parallelism: 2);
            Assert.InRange(read.StepCount, 1000, Whole.Value.StepCount / 1.5);
            shares[draw] = 1 - read[0].ShareUpTo(level);
        }
        var mean = shares.Average();
        var error = Math.Sqrt(shares.Average(s => (s - mean) * (s - mean)) / (Draws - 1));
        output.WriteLine($"{mean:F5} +- {error:F5} of {exact:F5}");
        Assert.InRange(mean, exact - 4 * error, exact + 4 * error);
        Assert.True(error < 0.25 * exact);
    }

    private static MetricDistributions Build(ulong seed, long mostValues, int parallelism = 1) => EvidenceTableBuilder.Build(
        Model, Fleet, null, null, seed, null, TestContext.Current.CancellationToken,
        new ReadingOptions { MostValues = mostValues, Parallelism = parallelism }).Distributions!;

    /// <summary>From the rows alone: a counter's rate is its increase over ten minutes, and the first row after a failure has none.</summary>
    private static MetricDistributions OfRows(FleetRecord fleet)
    {
        var all = new MetricDistributions(["wear", "done_total", "noise"]);
        foreach (var (asset, timeline) in fleet.History.Assets.Select(a => (a, Timeline.ByAsset(fleet)[a.Asset])))
        {
            var watch = new FailureWatch(LongLives.Profile);
            var before = double.NaN;
            for (var i = 0; i < asset.Count; i++)
            {
                var row = asset.Row(i);
                var ticks = asset.Ticks[i];
                if (watch.Observe(ticks, row, AssetCondition.Normal) != AssetCondition.Normal)
                {
                    before = double.NaN;
                    continue;
                }
                double[] values = [row[0], (row[1] - before) / 600, row[2]];
                if (!double.IsNaN(row[1])) before = row[1];
                var next = timeline.NextIncident(ticks);
                var isHealthy = next < 0 || timeline.Incidents[next].Start - ticks > LongLives.Profile.LongestHorizon.Ticks;
                if (isHealthy && !timeline.InIncident(ticks)) all.Add(values);
            }
        }
        return all;
    }

    private static byte[] Bytes(MetricDistributions distributions)
    {
        var writer = new StateWriter();
        distributions.Save(writer);
        return writer.Written.ToArray();
    }
}
