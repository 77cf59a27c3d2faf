using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>What a backtest gives: a prediction for every replayed row, and how good they were.</summary>
/// <param name="Predictions">One for each replayed asset, in the order of the history.</param>
public sealed record BacktestResult(IReadOnlyList<AssetPredictions> Predictions, FailureReport Report);
