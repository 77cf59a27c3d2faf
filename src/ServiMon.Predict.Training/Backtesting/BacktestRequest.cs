using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>
/// A backtest: fit on one part, replay the other through the code that scores live. Exactly one of <see cref="TrainUntil"/>,
/// <see cref="Folds"/> and <see cref="Test"/> is set.
/// </summary>
public sealed record BacktestRequest
{
    /// <summary>Complete: its metrics are known.</summary>
    public required Profile Profile { get; init; }

    /// <summary>The fleet to fit on, and, with <see cref="TrainUntil"/> or <see cref="Folds"/>, to replay.</summary>
    public required FleetRecord Fleet { get; init; }

    /// <summary>Fit on what came before; replay rows of this time and later.</summary>
    public DateTimeOffset? TrainUntil { get; init; }

    /// <summary>Groups of assets, each replayed by a model fitted on the others; at least 2, leave-one-out from the number of assets on.</summary>
    public int? Folds { get; init; }

    /// <summary>A fleet of its own to replay. Its incidents serve the report alone: nothing of them is known when predicting.</summary>
    public FleetRecord? Test { get; init; }

    public IReadOnlyList<PooledFleet> Pool { get; init; } = [];

    /// <summary>Seed of every random choice. Default 1.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Predictions for the rows of one asset.</summary>
/// <param name="Rows">The asset's rows that were replayed, as they were given.</param>
/// <param name="FirstRow">Index in <paramref name="Rows"/> of the first predicted row; all later ones are predicted.</param>
/// <param name="Probability">(Rows.Count - FirstRow) x horizons, row-major; NaN where the state is not ready.</param>
/// <param name="State">One for each predicted row.</param>
/// <param name="Basis">What each predicted row was answered from; means nothing where the state is not ready.</param>
public sealed record AssetPredictions(AssetRows Rows, int FirstRow, double[] Probability, PredictionState[] State, PredictionBasis[] Basis)
{
    public int Count => State.Length;
}
