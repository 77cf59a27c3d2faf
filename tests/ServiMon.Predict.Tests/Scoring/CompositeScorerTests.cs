using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>Steps of two seconds; an asset is stale after 20 s; the longest horizon is 120 s.</summary>
public sealed class CompositeScorerTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private static readonly EvidenceModel Members = new(TestProfiles.OfBroker());
    private static readonly ScoringModel Model = CompositeModels.Random(Members, 1);

    private static float[] Evidence(float value) => [.. Members.Layout.Columns.Select(_ => value)];

    private static CompositeScorer Scorer(params string[] members)
    {
        var scorer = new CompositeScorer("rack", Members, Model);
        foreach (var member in members) scorer.Member(member);
        return scorer;
    }

    /// <summary>Takes a row as a replay does: what is open before it is closed.</summary>
    private static void Take(CompositeScorer scorer, string member, double seconds, float value, MemberState state = MemberState.Watched)
    {
        var ticks = (long)(seconds * Second);
        if (scorer.HasOpenStep && ticks >= scorer.OpenEnd) scorer.Close(AssetCondition.Normal);
        scorer.Take(scorer.Member(member), ticks, state, Evidence(value));
    }

    private static float Column(CompositeScorer scorer, string name) => scorer.Evidence[Members.Composite.Layout.Columns.Select(c => c.Name).ToList().IndexOf(name)];

    [Fact]
    public void Members_of_any_phase_meet_on_a_grid_anchored_at_the_earliest_row()
    {
        var scorer = Scorer();
        Take(scorer, "rack/a", 100, 1);
        Take(scorer, "rack/b", 100.9, 2);
        Take(scorer, "rack/a", 102, 3);
        Assert.Equal(1, scorer.FrameCount);
        Take(scorer, "rack/b", 102.9, 4);
        scorer.Close(AssetCondition.Normal);
        Assert.Equal(100 * Second, scorer.Grid!.Value.AnchorTicks);
        Assert.Equal((2, (long)(102.9 * Second)), (scorer.FrameCount, scorer.Ticks));
        Assert.Equal((4, 3.5f, 3), (Column(scorer, "highest|anomaly"), Column(scorer, "mean|anomaly"), Column(scorer, "second|anomaly")));
        Assert.Equal((0, MathF.Log(2), 1), (Column(scorer, "members|missing"), Column(scorer, "members|count"), Column(scorer, "members|levels")));
    }

    [Fact]
    public void A_silent_member_is_missing_then_stale_then_none()
    {
        var scorer = Scorer();
        Take(scorer, "rack/a", 0, 1);
        Take(scorer, "rack/b", 0, 5);
        for (var t = 2; t <= 150; t += 2)
        {
            Take(scorer, "rack/a", t, 1);
            scorer.Close(AssetCondition.Normal);
            Assert.Equal(t is > 2 and <= 20 ? 0.5f : 0, Column(scorer, "members|missing"));
            Assert.Equal(t is > 20 and <= 120 ? 0.5f : 0, Column(scorer, "members|stale"));
            Assert.Equal(t <= 20 ? 5 : 1, Column(scorer, "highest|anomaly"));
            Assert.Equal(t <= 120 ? MathF.Log(2) : 0, Column(scorer, "members|count"));
            Assert.Equal(t is > 2 and <= 120 ? MathF.Log(1 + t / 2) : 0, Column(scorer, "members|silent_run"), 1e-6f);
        }
        Take(scorer, "rack/b", 152, 5);
        scorer.Close(AssetCondition.Normal);
        Assert.Equal((5, MathF.Log(2)), (Column(scorer, "highest|anomaly"), Column(scorer, "members|count")));
    }

    [Fact]
    public void The_state_is_that_of_the_composite_and_else_what_its_members_leave()
    {
        Assert.Equal(PredictionState.Ready, After(MemberState.Watched, MemberState.Incident));
        Assert.Equal(PredictionState.Ready, After(MemberState.WarmingUp, MemberState.Incident));
        Assert.Equal(PredictionState.InIncident, After(MemberState.Maintenance, MemberState.Incident));
        Assert.Equal(PredictionState.Maintenance, After(MemberState.Maintenance, MemberState.Stale));
        Assert.Equal(PredictionState.Stale, After(MemberState.Stale, MemberState.Stale));

        static PredictionState After(MemberState a, MemberState b)
        {
            var scorer = Scorer();
            for (var t = 0; t < 20; t += 2)
            {
                Take(scorer, "rack/a", t, 1, a);
                Take(scorer, "rack/b", t, 1, b);
            }
            scorer.Close(AssetCondition.Normal);
            Assert.Equal(scorer.State == PredictionState.Ready, double.IsFinite(scorer.Probability[0]));
            Assert.Equal(a == MemberState.Watched, scorer.Basis == PredictionBasis.Learned);
            return scorer.State;
        }
    }

    [Fact]
    public void In_its_own_incident_or_maintenance_and_without_a_model_a_composite_has_no_probability()
    {
        foreach (var (condition, expected) in new[] { (AssetCondition.Incident, PredictionState.InIncident), (AssetCondition.Maintenance, PredictionState.Maintenance) })
        {
            var scorer = Scorer();
            Take(scorer, "rack/a", 0, 1);
            scorer.Close(condition);
            Assert.Equal(expected, scorer.State);
            Assert.True(double.IsNaN(scorer.Probability[0]));
        }
        var unlearned = new CompositeScorer("rack", Members, ScoringModels.Random(Members, 1));
        unlearned.Take(unlearned.Member("rack/a"), 0, MemberState.Watched, Evidence(1));
        unlearned.Close(AssetCondition.Normal);
        Assert.Equal(PredictionState.NoModel, unlearned.State);
    }

    [Fact]
    public void A_composite_begins_with_the_prior()
    {
        var scorer = Scorer();
        var prior = new double[3];
        Model.Composite!.Hazard.PredictBase(prior);
        for (var step = 0; step < 5; step++)
        {
            Take(scorer, "rack/a", 2 * step, 1);
            scorer.Close(AssetCondition.Normal);
            Assert.Equal(step < 3 ? PredictionBasis.Prior : PredictionBasis.Learned, scorer.Basis);
            if (step < 3) Assert.Equal(prior, scorer.Probability.ToArray());
        }
    }

    [Fact]
    public void The_order_in_which_members_are_met_does_not_matter_to_the_bit()
    {
        var random = new Random(5);
        string[] names = [.. Enumerable.Range(0, 9).Select(i => $"rack/{i}")];
        var (one, other) = (Scorer(names), Scorer([.. names.Reverse()]));
        for (var t = 0; t < 40; t += 2)
        {
            var values = names.Select(_ => (float)random.NextDouble()).ToArray();
            for (var i = 0; i < names.Length; i++) Take(one, names[i], t, values[i]);
            for (var i = names.Length - 1; i >= 0; i--) Take(other, names[i], t, values[i]);
        }
        one.Close(AssetCondition.Normal);
        other.Close(AssetCondition.Normal);
        Assert.Equal(one.Evidence.ToArray(), other.Evidence.ToArray());
        Assert.Equal(one.Probability.ToArray(), other.Probability.ToArray());
    }

    [Fact]
    public void Saved_in_the_middle_of_a_step_it_goes_on_with_the_same_bits()
    {
        var scorer = Scorer();
        for (var t = 0; t < 30; t++) Take(scorer, t % 3 == 0 ? "rack/a" : "rack/b", t, t);
        Assert.True(scorer.HasOpenStep);
        var writer = new StateWriter();
        scorer.Save(writer);
        var restored = Scorer();
        var reader = new StateReader(writer.Written.Span);
        restored.Load(ref reader);
        Assert.True(reader.AtEnd);
        for (var t = 30; t < 60; t++)
            foreach (var one in new[] { scorer, restored }) Take(one, "rack/a", t, 60 - t);
        Assert.Equal((scorer.State, scorer.Ticks, scorer.FrameCount), (restored.State, restored.Ticks, restored.FrameCount));
        Assert.Equal(scorer.Evidence.ToArray(), restored.Evidence.ToArray());
        Assert.Equal(scorer.Probability.ToArray(), restored.Probability.ToArray());
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var scorer = Scorer();
        var (a, b, evidence) = (scorer.Member("rack/a"), scorer.Member("rack/b"), Evidence(1));
        Steps(0, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Steps(100, 1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Steps(int from, int to)
        {
            for (var t = from; t < to; t++)
            {
                scorer.Take(a, 2 * t * Second, MemberState.Watched, evidence);
                scorer.Take(b, 2 * t * Second + 7, MemberState.Watched, evidence);
                scorer.Close(AssetCondition.Normal);
            }
        }
    }
}
