namespace ServiMon.Predict.Hazard;

/// <summary>
/// p = 1 / (1 + exp(-(slope * score + offset))): Platt (1999), "Probabilistic outputs for support vector machines".
/// </summary>
/// <param name="Slope">At least 0: less than 1 for an over-confident score.</param>
/// <param name="Offset">Log-odds at score 0.</param>
public sealed record PlattCalibration(double Slope, double Offset) : ICalibration
{
    public double Probability(double score) => LogOdds.Probability(Slope * score + Offset);
}
