using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One row of history to one prediction, as a backtest does it: 200 assets of 20 metrics, whose rows come in turn.
/// </summary>
/// <remarks>
/// Inside: the row onto the grid, evidence, state, the probabilities at three horizons; and making each asset's scorer, once for its 500
/// rows, which is what is allocated. Outside: making the rows and the model.
/// </remarks>
[MemoryDiagnoser]
public class ScoringRows
{
    private const int AssetCount = 200;
    private const int RowCount = 500;

    private AssetRows[] rows = [];
    private ScoringModel model = null!;

    /// <summary>Linear: one linear score a horizon. Trees: 200 trees of 31 leaves a horizon.</summary>
    [Params("linear", "trees")]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void MakeFleet()
    {
        var evidence = new EvidenceModel(BenchFleet.ProfileOf(20));
        var random = new Random(1);
        rows = [.. Enumerable.Range(0, AssetCount).Select(i => BenchFleet.Rows(evidence.Profile, $"asset-{i}", RowCount, random))];
        model = BenchModel.Of(evidence, Model == "trees");
    }

    [Benchmark(OperationsPerInvoke = AssetCount * RowCount)]
    public double Score()
    {
        var scorers = Array.ConvertAll(rows, r => new AssetScorer(model.Evidence, model, r));
        var sum = 0.0;
        for (var row = 0; row < RowCount; row++)
            foreach (var scorer in scorers)
            {
                scorer.Advance(AssetCondition.Normal);
                sum += scorer.Probability[^1];
            }
        return sum;
    }
}
