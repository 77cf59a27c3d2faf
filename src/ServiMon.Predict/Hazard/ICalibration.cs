namespace ServiMon.Predict.Hazard;

/// <summary>A non-decreasing map from a score to a probability, fitted on scores of rows that the score was not trained on.</summary>
public interface ICalibration
{
    /// <summary>The probability in [0, 1] of a score in log-odds.</summary>
    double Probability(double score);
}
