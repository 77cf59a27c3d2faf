using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>One asset's metrics at the time of its step.</summary>
/// <param name="Metrics">K names.</param>
/// <param name="Values">K values, NaN for missing. Valid until the next step is asked for.</param>
internal readonly record struct FeedRow(string Profile, string Asset, IReadOnlyList<string> Metrics, ReadOnlyMemory<double> Values);

/// <summary>An incident of a profile's asset.</summary>
internal sealed record FleetIncident(string Profile, Incident Incident);

/// <summary>A maintenance window of a profile's asset.</summary>
internal sealed record FleetMaintenance(string Profile, MaintenanceWindow Window);

/// <summary>What happens at one moment of a fleet: rows to be sent, incidents and maintenance that begin.</summary>
internal sealed record FeedStep(
    DateTimeOffset Time, IReadOnlyList<FeedRow> Rows, IReadOnlyList<FleetIncident> Incidents, IReadOnlyList<FleetMaintenance> Maintenance);
