using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>What a backtest gives: a prediction for every replayed row, and how good they were.</summary>
/// <param name="Predictions">One for each replayed asset, in the order of the history.</param>
/// <param name="Composites">One for each composite, by path: a row for each step in which a member has one. Empty unless the profile asks for them.</param>
public sealed record BacktestResult(IReadOnlyList<AssetPredictions> Predictions, IReadOnlyList<AssetPredictions> Composites, FailureReport Report);
