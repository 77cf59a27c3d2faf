using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Bench;

/// <summary>Made-up hazards over the evidence of a <see cref="BenchFleet"/>: what they say means nothing, what they cost is that of fitted ones.</summary>
internal static class BenchModel
{
    /// <summary>Trees of one bucket; a model has a bucket for each of its three horizons.</summary>
    public const int TreeCount = 200;

    /// <summary>Leaves of one tree, those of LightGBM by default.</summary>
    private const int LeafCount = 31;

    public static ScoringModel Of(EvidenceModel evidence, bool trees)
    {
        var random = new Random(2);
        var layout = evidence.Layout;
        var groups = evidence.Profile.Groups;
        var buckets = evidence.Profile.Horizons.Select(_ => new BucketHazard
        {
            Base = 0.001,
            Components = [trees ? Trees(layout.Width, random) : Linear(layout.Width, random)],
            Calibration = new PlattCalibration(1, -3),
        });
        var hazard = new HazardModel([.. evidence.Profile.Horizons.Select(h => h.Span)], [.. buckets], groups,
            [.. layout.Columns.Select(c => groups.IndexOf(c.Group))]);
        return new ScoringModel(evidence, hazard,
            new EvidenceReference([.. new float[layout.Width]], [.. evidence.Profile.Metrics.Select(_ => true)]));
    }

    private static LinearModel Linear(int width, Random random) =>
        new(new float[width], [.. Enumerable.Repeat(1f, width)], [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() - 0.5)], -5, 4);

    /// <summary>Trees that split a random leaf after another, as boosting by leaves does, so that their depth varies.</summary>
    private static TreeEnsemble Trees(int width, Random random)
    {
        var (roots, feature, left, right) = (new List<int>(), new List<int>(), new List<int>(), new List<int>());
        for (var t = 0; t < TreeCount; t++)
        {
            var first = feature.Count;
            var firstLeaf = t * LeafCount;
            roots.Add(first);
            List<(int Node, bool Left)> open = [];
            for (var n = 0; n < LeafCount - 1; n++)
            {
                var node = feature.Count;
                feature.Add(random.Next(width));
                left.Add(0);
                right.Add(0);
                if (n > 0)
                {
                    var at = random.Next(open.Count);
                    (open[at].Left ? left : right)[open[at].Node] = node;
                    open.RemoveAt(at);
                }
                open.AddRange([(node, true), (node, false)]);
            }
            for (var i = 0; i < open.Count; i++) (open[i].Left ? left : right)[open[i].Node] = ~(firstLeaf + i);
        }
        return new TreeEnsemble(width, [.. roots], [.. feature], [.. feature.Select(_ => (float)(4 * random.NextDouble() - 1))],
            [.. feature.Select(_ => random.Next(2) == 0)], [.. left], [.. right],
            [.. Enumerable.Range(0, TreeCount * LeafCount).Select(_ => 0.02 * (random.NextDouble() - 0.5))], 1, -5);
    }
}
