using System.Collections.Immutable;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Testing;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Evidence;

public sealed class EvidenceLayoutTests
{
    [Fact]
    public void Width_counts_all_columns_and_the_universal_part_its_own()
    {
        var layout = new EvidenceLayout(ImmutableArray.Create(
            new EvidenceColumn("ratio_to_limit", EvidencePart.Universal, "pressure", -1),
            new EvidenceColumn("probe_failures", EvidencePart.Universal, "latency", -1),
            new EvidenceColumn("pressure.level", EvidencePart.Group, "pressure", -1),
            new EvidenceColumn("heap_used.slope", EvidencePart.Metric, "pressure", 0)));

        Assert.Equal(4, layout.Width);
        Assert.Equal(2, layout.UniversalCount);
    }

    public static TheoryData<string> Shipped => ["host", "kafka-broker", "cassandra-node", "telescope-drive"];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Universal_columns_are_the_same_for_every_profile(string name)
    {
        var expected = new EvidenceModel(TestProfiles.Of(new MetricSpec { Name = "x", Group = "latency" })).Layout;
        foreach (var layout in new[] { Layout(name, age: false), Layout(name, age: true), new EvidenceModel(TestProfiles.OfBroker()).Layout })
        {
            Assert.Equal(expected.UniversalCount, layout.UniversalCount);
            Assert.Equal(expected.MechanismCount, layout.MechanismCount);
            Assert.Equal(expected.Columns.Take(expected.UniversalCount).Select(Shared), layout.Columns.Take(layout.UniversalCount).Select(Shared));
        }

        static (string, EvidencePart, int) Shared(EvidenceColumn c) => (c.Name, c.Part, c.Metric);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Names_are_unique_parts_stand_in_order_and_groups_are_the_profiles(string name)
    {
        foreach (var layout in new[] { Layout(name, age: false), Layout(name, age: true) })
        {
            Assert.Equal(layout.Width, layout.Columns.Select(c => c.Name).Distinct().Count());
            Assert.Equal(layout.Columns.Take(layout.UniversalCount).Select(c => c.Part).Order(), layout.Columns.Take(layout.UniversalCount).Select(c => c.Part));
            Assert.DoesNotContain(layout.Columns.Skip(layout.UniversalCount), c => c.Part is EvidencePart.Mechanism or EvidencePart.Universal);
            var profile = Read(name);
            Assert.All(layout.Columns, c => Assert.Contains(c.Group, profile.Groups));
            Assert.All(layout.Columns, c => Assert.Equal(c.Part == EvidencePart.Metric, c.Metric >= 0));
        }
        Assert.Equal(["age"], Layout(name, age: true).Columns.Except(Layout(name, age: false).Columns).Select(c => c.Name));
    }

    private static EvidenceLayout Layout(string name, bool age) => new EvidenceModel(Read(name), ageFromFirstRow: age).Layout;

    private static Profile Read(string name) =>
        ProfileReader.Parse(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "models", name + ".yaml")), name + ".yaml");
}
