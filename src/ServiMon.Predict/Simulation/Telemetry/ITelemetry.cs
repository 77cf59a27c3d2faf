namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>What an asset's sensors see at one step: shared climate, own load and the hidden fault, but not its speed.</summary>
/// <param name="Climate">What the fleet shares.</param>
/// <param name="Load">Own load relative to a long mean of about 1.</param>
/// <param name="Fault">The fault in progress.</param>
/// <param name="FaultLevel">Its level, 0 to 1.</param>
/// <param name="AgeHours">Hours since renewal.</param>
/// <param name="StepSeconds">Length of the step.</param>
public readonly record struct Conditions(
    FleetClimate Climate, double Load, FaultMode Fault, double FaultLevel, double AgeHours, double StepSeconds)
{
    /// <summary>The level of a fault, 0 unless it is the one in progress.</summary>
    public double Level(FaultMode mode) => Fault == mode ? FaultLevel : 0;
}

/// <summary>The telemetry of one asset: its own constants, drawn at birth, its counters, and a model of what its sensors show.</summary>
public interface ITelemetry
{
    /// <summary>Fills one row, K values in the order of the kind's metrics. Called at every step the asset runs.</summary>
    void Observe(in Conditions now, RandomStream random, Span<double> row);

    /// <summary>Fills the row of a step in which the asset is down; the row comes filled with NaN.</summary>
    void ObserveDown(RandomStream random, Span<double> row);

    /// <summary>Starts counters again from zero, as a restarted process does.</summary>
    void Restart();
}
