namespace ServiMon.Predict.Hazard;

/// <summary>What can be said of an asset now. Only <see cref="Ready"/> carries a probability.</summary>
public enum PredictionState { Ready, WarmingUp, Stale, OutOfDistribution, InIncident, Maintenance, NoModel }

/// <summary>What a probability rests on.</summary>
public enum PredictionBasis
{
    /// <summary>The base rate alone.</summary>
    Prior,

    /// <summary>The base rate, moved by how unusual the evidence is; no failure has been learned from.</summary>
    Evidence,

    /// <summary>A model fitted to failures.</summary>
    Learned,
}

/// <summary>One functional group's share in what moved a prediction away from the base rate, or what is unusual about it where nothing has yet.</summary>
/// <param name="Group">The functional group.</param>
/// <param name="Share">0 to 1; the shares of a prediction sum to 1. All are 0 in warm-up, where the probability is the base rate.</param>
/// <param name="Detail">What stands out most in the group and how, for people; empty when nothing can be named.</param>
public sealed record Driver(string Group, double Share, string Detail);

/// <summary>How states and bases are spelt outside the program.</summary>
public static class PredictionNames
{
    /// <summary>The state as written in files, gauges and messages.</summary>
    public static string Text(this PredictionState state) => state switch
    {
        PredictionState.Ready => "ready",
        PredictionState.WarmingUp => "warming_up",
        PredictionState.Stale => "stale",
        PredictionState.OutOfDistribution => "out_of_distribution",
        PredictionState.InIncident => "in_incident",
        PredictionState.Maintenance => "maintenance",
        PredictionState.NoModel => "no_model",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a prediction state"),
    };

    public static string Text(this PredictionBasis basis) => basis switch
    {
        PredictionBasis.Prior => "prior",
        PredictionBasis.Evidence => "evidence",
        PredictionBasis.Learned => "learned",
        _ => throw new ArgumentOutOfRangeException(nameof(basis), basis, "not a prediction basis"),
    };
}
