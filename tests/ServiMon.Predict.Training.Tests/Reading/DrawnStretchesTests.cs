using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Reading;

/// <summary>Training on windows before incidents and a sample of healthy stretches, against training on everything.</summary>
public sealed class DrawnStretchesTests(ITestOutputHelper output)
{
    private const long Budget = 300_000; // values; the fleet has 518,400

    private static readonly FleetRecord Fleet = LongLives.Make(20, 60, 1);
    private static readonly EvidenceModel Model = new(LongLives.Profile);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static EvidenceTable Build(ulong seed, long mostValues) => EvidenceTableBuilder.Build(
        Model, Fleet, null, null, seed, null, Ct, new ReadingOptions { MostValues = mostValues });

    /// <summary>Over many draws the weights must give back the rows there are, in each stretch of the time to the incident.</summary>
    [Theory]
    [InlineData(Budget)]
    [InlineData(40_000)] // not even all incidents
    public void Expected_over_observed_rows_is_near_one(long budget)
    {
        double[] bounds = [1, 3, 9, double.PositiveInfinity];
        var full = new double[4];
        var timelines = Timeline.ByAsset(Fleet);
        foreach (var asset in Fleet.History.Assets)
        {
            var watch = new FailureWatch(LongLives.Profile);
            var replay = new AssetReplay(Model, asset);
            var raw = new double[3];
            while (replay.NextTicks is var ticks && ticks != long.MaxValue)
            {
                replay.CopyNext(raw);
                var timeline = timelines[asset.Asset];
                if (!replay.Advance(watch.Observe(ticks, raw, AssetCondition.Normal), []) || replay.Monitor.IsWarmingUp || timeline.InIncident(ticks)) continue;
                var next = timeline.NextIncident(ticks);
                var hours = next < 0 ? double.PositiveInfinity : (timeline.Incidents[next].Start - ticks) / (double)TimeSpan.TicksPerHour;
                full[Array.FindIndex(bounds, b => hours <= b)]++;
            }
        }
        const int Draws = 16;
        var ratios = new double[4, Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var table = Build((ulong)draw + 1, budget);
            Assert.False(table.Reading!.IsWhole);
            Assert.True(table.Reading.RowsRead < table.Reading.RowCount);
            for (var r = 0; r < table.Count; r++)
            {
                Assert.True(table.Weight[r] >= 1);
                ratios[Array.FindIndex(bounds, b => table.SecondsToIncident[r] / 3600 <= b), draw] += table.Weight[r] / full[Array.FindIndex(bounds, b => table.SecondsToIncident[r] / 3600 <= b)];
            }
            if (draw == 0) output.WriteLine($"{table.Reading} rows {table.Count}");
        }
        for (var s = 0; s < 4; s++)
        {
            var values = Enumerable.Range(0, Draws).Select(d => ratios[s, d]).ToArray();
            var mean = values.Average();
            var error = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)) / (Draws - 1));
            output.WriteLine($"up to {bounds[s]} h: {mean:F4} +- {error:F4}");
            // Four standard errors of the mean over the draws; one part in a hundred for rows that the warm-up after a birth leaves out.
            Assert.True(Math.Abs(mean - 1) <= 4 * error + 0.01, $"up to {bounds[s]} h: {mean:F4} +- {error:F4}");
        }
    }

    /// <summary>
    /// A drawn stretch is read from the beginning of its life, so that its evidence is that of the whole replay. (Read from a warm-up of its own, its
    /// baseline is a clock that tells how long ago the stretch began, hence how far the incident is: models then shine in cross-validation only.)
    /// </summary>
    [Fact]
    public void Evidence_of_drawn_rows_is_near_that_of_the_whole_replay()
    {
        var part = Build(1, Budget);
        var columns = Model.Layout.Columns;
        var whole = new Dictionary<(int, long), float[]>();
        for (var a = 0; a < Fleet.History.Assets.Count; a++)
        {
            var watch = new FailureWatch(LongLives.Profile);
            var replay = new AssetReplay(Model, Fleet.History.Assets[a]);
            var raw = new double[3];
            while (replay.NextTicks is var ticks && ticks != long.MaxValue)
            {
                replay.CopyNext(raw);
                replay.Advance(watch.Observe(ticks, raw, AssetCondition.Normal), whole[(a, ticks)] = new float[Model.Layout.Width]);
            }
        }
        for (var c = 0; c < Model.Layout.Width; c++)
        {
            double sum = 0, square = 0, difference = 0;
            var n = 0;
            for (var r = 0; r < part.Count; r++)
            {
                var (x, y) = (part.Row(r)[c], whole[(part.Asset[r], part.Ticks[r])][c]);
                if (float.IsNaN(x) || float.IsNaN(y)) continue;
                n++;
                sum += y;
                square += (double)y * y;
                difference += ((double)x - y) * ((double)x - y);
            }
            if (n == 0) continue;
            var share = difference / n / Math.Max(square / n - sum / n * (sum / n), 1e-12);
            output.WriteLine($"{columns[c].Name}: {share:E1} of the variance");
            // A life is read from its beginning, so that hardly anything is different: what the monitor remembers of before the failure rule fired.
            Assert.True(share <= 1e-6, $"{columns[c].Name}: {share:E1} of the variance");
        }
    }

    [Fact]
    public void Probabilities_agree_with_those_trained_on_everything()
    {
        var fresh = LongLives.Make(12, 60, 2);
        var timelines = Timeline.ByAsset(fresh);
        FittedModel Train(long most, ulong seed) => Trainer.Train(new TrainingRequest
        {
            Profile = LongLives.Profile, Fleet = Fleet, Seed = seed, Reading = new ReadingOptions { MostValues = most },
        }, null, Ct);
        var losses = new List<double[]>();
        foreach (var model in new[] { Train(10_000_000, 1), Train(Budget, 1) })
        {
            double[] expected = [0, 0], observed = [0, 0], loss = [0, 0];
            foreach (var rows in fresh.History.Assets)
            {
                var scorer = new AssetScorer(model.Scoring.Evidence, model.Scoring, rows);
                var timeline = timelines[rows.Asset];
                while (scorer.NextTicks is var ticks && ticks != long.MaxValue)
                {
                    scorer.Advance(AssetCondition.Normal);
                    if (scorer.State != Predict.Hazard.PredictionState.Ready || timeline.InIncident(ticks)) continue;
                    var next = timeline.NextIncident(ticks);
                    for (var h = 0; h < 2; h++)
                    {
                        var failed = next >= 0 && timeline.Incidents[next].Start - ticks <= LongLives.Profile.Horizons[h].Span.Ticks;
                        var p = Math.Clamp(scorer.Probability[h], 1e-6, 1 - 1e-6);
                        expected[h] += p;
                        observed[h] += failed ? 1 : 0;
                        loss[h] -= Math.Log(failed ? p : 1 - p);
                    }
                }
            }
            output.WriteLine($"expected/observed {expected[0] / observed[0]:F3} {expected[1] / observed[1]:F3}, loss {loss[0] / observed[0]:F4} {loss[1] / observed[1]:F4}; {model.Summary}");
            // A rate from n incidents in the training fleet and m in the fresh one: four times sqrt(1/n + 1/m).
            var noise = 4 * Math.Sqrt(1.0 / Fleet.Incidents.Count + 1.0 / fresh.Incidents.Count);
            for (var h = 0; h < 2; h++) Assert.InRange(expected[h] / observed[h], 1 - noise, 1 + noise);
            losses.Add([loss[0] / observed[0], loss[1] / observed[1]]);
        }
        // Half the incidents teach less: a quarter of them gave a loss of 1.45 times that of all, other draws of the same 0.9.
        for (var h = 0; h < 2; h++) Assert.InRange(losses[1][h] / losses[0][h], 0.7, 1.5);
    }
}
