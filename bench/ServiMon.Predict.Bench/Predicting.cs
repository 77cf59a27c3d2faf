using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One prediction at three horizons from evidence of 20 metrics. Inside: <see cref="HazardModel.Predict"/> alone. Outside: the evidence of
/// 512 rows, each used once a pass, so that the branches of the trees are not learned by heart.
/// </summary>
[MemoryDiagnoser]
public class Predicting
{
    private const int RowCount = 512;

    private readonly double[] probability = new double[3];
    private float[][] evidence = [];
    private HazardModel hazard = null!;

    /// <summary>Linear: one linear score a horizon. Trees: 200 trees of 31 leaves a horizon.</summary>
    [Params("linear", "trees")]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void Fit()
    {
        var model = new EvidenceModel(BenchFleet.ProfileOf(20));
        hazard = BenchModel.Of(model, Model == "trees").Hazard;
        var replay = new AssetReplay(model, BenchFleet.Rows(model.Profile, "asset", 2 * RowCount, new Random(1)));
        var all = new List<float[]>();
        for (var i = 0; i < 2 * RowCount; i++)
        {
            var row = new float[model.Layout.Width];
            replay.Advance(AssetCondition.Normal, row);
            all.Add(row);
        }
        evidence = [.. all[RowCount..]];
    }

    [Benchmark(OperationsPerInvoke = RowCount)]
    public double Predict()
    {
        var sum = 0.0;
        foreach (var row in evidence)
        {
            hazard.Predict(row, probability);
            sum += probability[^1];
        }
        return sum;
    }
}
