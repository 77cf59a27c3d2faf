namespace ServiMon.Predict.Training.Evaluation;

/// <summary>Where an axis of probabilities ends: the smallest round number that holds them all, so that rare failures are not in a corner.</summary>
internal static class AxisEnd
{
    private static readonly double[] Ends = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

    public static double Of(double largest) => Ends.FirstOrDefault(e => e >= largest, 1);
}
