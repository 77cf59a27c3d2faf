namespace ServiMon.Predict.Training.Evaluation;

/// <summary>One answered row at one horizon.</summary>
/// <param name="Asset">Number of the asset; rows are in order of asset and time.</param>
/// <param name="ByModel">False when the base rate alone was the answer.</param>
internal readonly record struct ScoredRow(int Asset, long Ticks, double Probability, bool Positive, bool ByModel = true);
