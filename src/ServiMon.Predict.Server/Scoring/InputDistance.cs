using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>How far the live values of a metric are from those of the healthy steps that a model was trained on.</summary>
/// <param name="StepCount">Live steps that had a value of it.</param>
/// <param name="Distance">Of Kolmogorov and Smirnov, 0 to 1; NaN while too little is known.</param>
public readonly record struct InputDistance(string Metric, long StepCount, double Distance)
{
    /// <summary>One for each metric of the model; none where it has no distributions, or live values are of other metrics.</summary>
    public static IEnumerable<InputDistance> Of(ScoringModel? model, RecentDistributions? recent)
    {
        if (model?.Reference.Distributions is not { } reference || recent?.IsOf(model.Evidence.Profile) != true) yield break;
        for (var m = 0; m < reference.Metrics.Length; m++)
        {
            var (steps, distance) = recent.DistanceTo(reference, m);
            yield return new InputDistance(reference.Metrics[m], steps, distance);
        }
    }
}
