using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Tests.Evidence;

public sealed class AnomalyLevelTests
{
    private static readonly string[] Groups = ["throughput", "latency", "pressure"];

    private static readonly EvidenceModel Model = new(TestProfiles.Of(
        [.. Enumerable.Range(0, 9).Select(i => new MetricSpec { Name = $"m{i}", Group = Groups[i % 3] })]));

    [Fact]
    public void The_mean_of_the_two_largest_is_that_of_a_sort() =>
        Gen.Float[0, 100].Array[0, 8].Sample(values =>
        {
            var top = default(TopTwo);
            foreach (var value in values) top.Add(value);
            var expected = values.Length == 0 ? float.NaN : values.OrderDescending().Take(2).Average();
            Assert.Equal(expected, top.Mean, 1e-4f);
        });

    [Fact]
    public void Levels_are_of_the_two_largest_deviations_a_group_and_their_root_mean_square() =>
        Gen.Select(Gen.Float[-20, 20].Array[9], Gen.Bool.Array[9]).Sample((deviation, seen) =>
        {
            var scratch = new LaneScratch(Model, new float[LaneScratch.SizeOf(Model)]);
            for (var lane = 0; lane < 9; lane++) scratch.BaselineDeviation[lane] = seen[lane] ? deviation[lane] : float.NaN;
            AnomalyLevel.Write(Model, scratch);
            var levels = new List<double>();
            for (var g = 0; g < Model.Profile.Groups.Length; g++)
            {
                var members = Enumerable.Range(0, 9).Where(l => seen[l] && Model.Profile.Metrics[l].Group == Model.Profile.Groups[g])
                    .Select(l => Math.Min(Math.Abs((double)deviation[l]), 10)).OrderDescending().Take(2).ToArray();
                if (Model.GroupLanes[g] < 0) { Assert.Empty(members); continue; }
                var actual = scratch.Current[Model.GroupLanes[g]];
                if (members.Length == 0) { Assert.Equal(float.NaN, actual); continue; }
                Assert.Equal(members.Average(), actual, 1e-4);
                levels.Add(members.Average());
            }
            var overall = levels.Count == 0 ? double.NaN : Math.Sqrt(levels.Average(l => l * l));
            Assert.Equal(overall, scratch.Current[Model.OverallLane], 1e-4);
        });

    [Fact]
    public void One_wild_metric_alone_does_not_raise_its_group_above_the_cap()
    {
        var scratch = new LaneScratch(Model, new float[LaneScratch.SizeOf(Model)]);
        scratch.BaselineDeviation[0] = -30;
        AnomalyLevel.Write(Model, scratch);
        Assert.Equal(5, scratch.Current[Model.GroupLanes[0]]); // the cap of 10 and a quiet neighbour
    }

    [Fact]
    public void The_level_of_the_only_group_is_the_level_over_all()
    {
        var model = new EvidenceModel(TestProfiles.Of(new MetricSpec { Name = "a", Group = "latency" }, new MetricSpec { Name = "b", Group = "latency" }));
        var scratch = new LaneScratch(model, new float[LaneScratch.SizeOf(model)]);
        (scratch.BaselineDeviation[0], scratch.BaselineDeviation[1]) = (3, -4);
        AnomalyLevel.Write(model, scratch);
        Assert.Equal(3.5f, scratch.Current[model.OverallLane]);
        Assert.Equal([model.OverallLane], model.GroupLanes.Where(lane => lane >= 0));
    }
}
