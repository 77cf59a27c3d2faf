using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>A scoring state as its version was first written is read for good, and goes on as if it had been made today; older versions are made anew.</summary>
public sealed class ScoringStateFixtureTests
{
    private const int Saved = 120, End = 200;

    private static readonly EvidenceModel Evidence = new(ScoringModels.Broker);

    private static readonly ScoringModel Model = CompositeModels.Random(Evidence, 1);

    private static readonly string[] Members = ["rack/a", "rack/b"];

    [Fact]
    public void Version_3_goes_on_where_it_was_saved()
    {
        var (expected, actual) = (Asset("a"), LiveAsset.Load("a", Evidence, Model, Read("scoring-state-v3.bin"))!);
        Play(expected, 0, Saved, _ => { });
        Assert.Equal((expected.FrameCount, expected.Ticks, expected.State), (actual.FrameCount, actual.Ticks, actual.State));
        var (old, today) = (new List<double[]>(), new List<double[]>());
        Play(actual, Saved, End, a => old.Add(a.Probability.ToArray()));
        Play(expected, Saved, End, a => today.Add(a.Probability.ToArray()));
        AssertAlike(today, old);
    }

    [Fact]
    public void Version_129_of_a_composite_goes_on_where_it_was_saved()
    {
        var (expected, actual) = (new Rack(null), new Rack(LiveComposite.Load("rack", Evidence, Model, Read("composite-state-v129.bin"))!));
        expected.Play(0, Saved, isWhole: true);
        actual.Play(0, Saved, isWhole: false);
        Assert.Equal((expected.Composite.Ticks, expected.Composite.Scorer.FrameCount), (actual.Composite.Ticks, actual.Composite.Scorer.FrameCount));
        expected.Answers.Clear();
        expected.Play(Saved, End, isWhole: true);
        actual.Play(Saved, End, isWhole: true);
        AssertAlike(expected.Answers, actual.Answers);
    }

    [Fact]
    public void An_older_version_is_not_read_and_is_no_damage()
    {
        var bytes = Read("scoring-state-v2.bin");
        Assert.Equal(2, bytes[0]);
        Assert.Null(LiveAsset.Load("a", Evidence, Model, bytes));
    }

    internal static LiveAsset Asset(string name) => new(name, Evidence, Model);

    /// <summary>Rows of two seconds with noise, gaps in the last metric, and a queue of samples that are still open.</summary>
    internal static void Play(LiveAsset asset, int from, int to, Action<LiveAsset> closed)
    {
        var rows = ScoringModels.Rows(End, asset.Asset[^1]);
        for (var row = from; row < to; row++)
        {
            for (var m = 0; m < rows.Metrics.Count; m++)
                if (m < 7 || row % 5 != 0) asset.Offer(m, rows.Ticks[row], rows.Row(row)[m]);
            while (asset.TryAdvance(null)) closed(asset);
        }
    }

    private static void AssertAlike(List<double[]> expected, List<double[]> actual)
    {
        Assert.Equal(End - Saved, expected.Count);
        Assert.Equal(expected.Count, actual.Count);
        Assert.Contains(expected, p => p[0] > 0);
        // Logarithms may differ in the last bit from one machine to another; the state was written on one of them.
        for (var i = 0; i < expected.Count; i++)
            for (var h = 0; h < expected[i].Length; h++) Assert.Equal(expected[i][h], actual[i][h], 1e-5);
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Scoring", "Fixtures", name));

    /// <summary>A composite and its members; of a loaded one the members have to be played up to where it was saved.</summary>
    internal sealed class Rack
    {
        private readonly List<LiveAsset> _members = [.. Members.Select(Asset)];

        public Rack(LiveComposite? loaded)
        {
            Composite = loaded ?? new LiveComposite("rack", Evidence, Model);
            foreach (var member in _members) Composite.Join(member);
        }

        public LiveComposite Composite { get; }

        public List<double[]> Answers { get; } = [];

        public void Play(int from, int to, bool isWhole)
        {
            for (var row = from; row < to; row++)
                foreach (var member in _members)
                {
                    ScoringStateFixtureTests.Play(member, row, row + 1, m =>
                    {
                        if (isWhole) Composite.Put(m);
                    });
                    while (isWhole && Composite.TryAdvance(null)) Answers.Add(Composite.Scorer.Probability.ToArray());
                }
        }
    }
}
