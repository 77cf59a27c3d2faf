using ServiMon.Predict.Simulation.Telemetry;

namespace ServiMon.Predict.Simulation;

/// <summary>A kind of asset.</summary>
/// <param name="Profile">Name of the profile that describes it.</param>
/// <param name="Metrics">Columns of its rows.</param>
/// <param name="Telemetry">Makes the telemetry of one asset from the stream that draws its constants.</param>
/// <param name="Name">Name of the asset with an index from 0.</param>
/// <param name="Life">How its assets degrade and fail.</param>
/// <param name="FollowsTraffic">True when its load is the fleet's traffic, false when it is its own.</param>
/// <param name="Count">How many there are unless asked otherwise.</param>
public sealed record AssetKind(
    string Profile, IReadOnlyList<string> Metrics, Func<RandomStream, ITelemetry> Telemetry, Func<int, string> Name, LifeModel Life,
    bool FollowsTraffic, int Count);

/// <summary>The fleets that can be simulated.</summary>
/// <remarks>
/// Rates are far above those of real fleets, so that a fortnight of some ten assets shows a kind's failures some 15 to 40 times: onset
/// every 80 hours, failure 9 to 18 hours after it in the middle severity, three in ten faults relieved before.
/// </remarks>
public static class FleetCatalogue
{
    /// <summary>
    /// observatory: hosts, brokers, Cassandra nodes and drives. no-precursor: the same with faults that never lead to failure, and sudden
    /// deaths at a constant rate. brokers, drives: more assets of one kind. telescopes: drives whose joint wear fails the telescope that they are of.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = ["observatory", "no-precursor", "brokers", "drives", TelescopeSimulation.Name];

    /// <summary>The kinds of assets in a fleet.</summary>
    /// <exception cref="ArgumentException">When there is no such fleet.</exception>
    public static IReadOnlyList<AssetKind> Kinds(string fleet) => fleet switch
    {
        "observatory" => [Host, Broker, Cassandra, Drive],
        "no-precursor" => [.. new[] { Host, Broker, Cassandra, Drive }.Select(WithoutPrecursor)],
        "brokers" => [Broker with { Count = 24 }],
        "drives" => [Drive with { Count = 24 }],
        _ => throw new ArgumentException($"'{fleet}' is not one of {string.Join(", ", Names)}", nameof(fleet)),
    };

    private static readonly FaultModel MemoryLeak = new(FaultMode.MemoryLeak, new GammaDegradation(14, 0.2), 1, 30, ReliefRestarts: true);
    private static readonly FaultModel GcThrash = new(FaultMode.GcThrash, new GammaDegradation(12, 0.2), 1.2, 26, ReliefRestarts: true);
    private static readonly FaultModel FdLeak = new(FaultMode.FdLeak, new GammaDegradation(10, 0.15), 0.8, 22, ReliefRestarts: true);
    private static readonly FaultModel DiskFill = new(FaultMode.DiskFill, new ShockDegradation(16, 0.3), 1, 32, ReliefRestarts: false);

    private static AssetKind Host { get; } = new(
        "host", HostTelemetry.Metrics, r => new HostTelemetry(r), i => $"dc-1/host-{i + 1}",
        new LifeModel
        {
            Faults =
            [
                MemoryLeak, DiskFill,
                new(FaultMode.Overheating, new WienerDegradation(9, 0.35), 0.6, 22, ReliefRestarts: false),
                new(FaultMode.LinkLoss, new GammaDegradation(11, 0.3), 0.6, 28, ReliefRestarts: false),
            ],
            OnsetHours = 80,
            SuddenScaleHours = 1200,
        },
        FollowsTraffic: true, Count: 10);

    private static AssetKind Broker { get; } = new(
        "kafka-broker", BrokerTelemetry.Metrics, r => new BrokerTelemetry(r), i => $"dc-1/broker-{i + 1}",
        new LifeModel { Faults = [GcThrash, FdLeak, DiskFill], OnsetHours = 80, SuddenScaleHours = 1200 },
        FollowsTraffic: true, Count: 10);

    private static AssetKind Cassandra { get; } = new(
        "cassandra-node", CassandraTelemetry.Metrics, r => new CassandraTelemetry(r), i => $"dc-1/cassandra-{i + 1}",
        new LifeModel
        {
            Faults =
            [
                GcThrash, DiskFill,
                new(FaultMode.CompactionBacklog, new WienerDegradation(12, 0.4), 1, 26, ReliefRestarts: false),
                FdLeak with { Weight = 0.5 },
            ],
            OnsetHours = 80,
            SuddenScaleHours = 1200,
        },
        FollowsTraffic: true, Count: 10);

    private static AssetKind Drive { get; } = new(
        "telescope-drive", DriveTelemetry.Metrics, r => new DriveTelemetry(r),
        i => $"array-1/telescope-{i / 2 + 1}/{(i % 2 == 0 ? "az" : "el")}-drive",
        new LifeModel
        {
            Faults =
            [
                new(FaultMode.BearingWear, new WienerDegradation(18, 0.3), 1.2, 40, ReliefRestarts: false),
                new(FaultMode.Overheating, new WienerDegradation(10, 0.35), 0.8, 26, ReliefRestarts: false),
                new(FaultMode.LinkLoss, new GammaDegradation(12, 0.25), 0.8, 30, ReliefRestarts: true),
                new(FaultMode.BrakeWear, new ShockDegradation(15, 0.4), 0.6, 36, ReliefRestarts: false),
            ],
            OnsetHours = 85,
            SuddenShape = 2.5,
            SuddenScaleHours = 400,
            RepairHours = 2.5,
        },
        FollowsTraffic: false, Count: 12);

    private static AssetKind WithoutPrecursor(AssetKind kind) => kind with
    {
        Life = kind.Life with { FaultsAreHarmless = true, SuddenShape = 1, SuddenScaleHours = 130 },
    };
}
