using System.Collections.Immutable;

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
}
