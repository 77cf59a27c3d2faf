using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Tests.Evidence;

public sealed class CompositeEvidenceTests
{
    private static readonly EvidenceModel Model = new(TestProfiles.OfBroker());
    private static readonly CompositeEvidence Composite = Model.Composite;

    private static float[] Written(int copies, params float[][] members)
    {
        var summary = new MemberSummary(Composite.Sources.Length);
        summary.Clear();
        for (var i = 0; i < copies; i++)
            foreach (var member in members) summary.Add(Composite.Sources.Select(c => member[c]).ToArray());
        var target = new float[Composite.Layout.Width];
        Composite.Write(summary, default, copies * members.Length, 1, target);
        return target;
    }

    private static float[] Member(int seed)
    {
        var random = new Random(seed);
        return [.. Model.Layout.Columns.Select((_, c) => c % 7 == 3 ? float.NaN : (float)random.NextDouble())];
    }

    private static float Column(float[] evidence, string name) => evidence[Composite.Layout.Columns.Select(c => c.Name).ToList().IndexOf(name)];

    [Fact]
    public void Names_are_unique_and_mechanisms_and_other_universal_columns_come_first()
    {
        var columns = Composite.Layout.Columns;
        Assert.Equal(columns.Length, columns.Select(c => c.Name).Distinct().Count());
        Assert.Equal(columns.Select(c => c.Part).Order(), columns.Select(c => c.Part));
        Assert.Equal("highest|anomaly", columns[Composite.AnomalyColumn].Name);
        var other = new EvidenceModel(TestProfiles.Of(TestProfiles.Broker[5])).Composite.Layout;
        Assert.Equal(columns[..other.UniversalCount].Select(c => c.Name), other.Columns[..other.UniversalCount].Select(c => c.Name));
    }

    [Fact]
    public void Highest_second_lowest_and_mean_are_over_the_members_that_have_the_column()
    {
        var (a, b, c) = (Member(1), Member(2), Member(3));
        var column = Composite.Sources.First(s => Model.Layout.Columns[s].Name.EndsWith("|baseline_score", StringComparison.Ordinal));
        (a[column], b[column], c[column]) = (-3, float.NaN, 5);
        var name = Model.Layout.Columns[column].Name;
        var written = Written(1, a, b, c);
        Assert.Equal(5, Column(written, $"highest|{name}"));
        Assert.Equal(-3, Column(written, $"lowest|{name}"));
        Assert.Equal(1, Column(written, $"mean|{name}"));
        (a[0], b[0], c[0]) = (0.1f, 0.9f, 0.4f);
        Assert.Equal(0.4f, Column(Written(1, a, b, c), $"second|{Model.Layout.Columns[0].Name}"));
        (a[0], b[0], c[0]) = (0.9f, 0.9f, 0.4f);
        Assert.Equal(0.9f, Column(Written(1, a, b, c), $"second|{Model.Layout.Columns[0].Name}"));
    }

    [Fact]
    public void Twice_as_many_members_of_the_same_kind_change_the_second_highest_and_the_count_only()
    {
        float[][] members = [Member(1), Member(2), Member(3)];
        var (once, twice) = (Written(1, members), Written(2, members));
        for (var c = 0; c < once.Length; c++)
        {
            var name = Composite.Layout.Columns[c].Name;
            if (name.StartsWith("second|", StringComparison.Ordinal) || name == "members|count") continue;
            Assert.Equal(once[c], twice[c], 1e-6f);
        }
        Assert.Equal(MathF.Log(6), Column(twice, "members|count"));
    }

    [Fact]
    public void A_composite_of_one_has_no_second_and_reads_as_its_member_alone_does()
    {
        var member = Member(4);
        var written = Written(1, member);
        var single = new float[Composite.Layout.UniversalCount];
        Composite.WriteSingle(member, single);
        Assert.True(float.IsNaN(Column(written, $"second|{Model.Layout.Columns[0].Name}")));
        for (var c = 0; c < single.Length; c++)
            if (Composite.Layout.Columns[c].Name != "members|levels") Assert.Equal(written[c], single[c]);
    }
}
