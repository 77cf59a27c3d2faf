using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation.Telemetry;

namespace ServiMon.Predict.Simulation;

/// <summary>One asset of a running simulation: its row of the present step, and what is hidden behind it.</summary>
public sealed class SimulatedAsset
{
    private readonly SimulationOptions _options;
    private readonly ITelemetry _telemetry;
    private readonly Dropouts _dropouts;
    private readonly MeanReverting _ownLoad;
    private readonly Episodes _bursts;
    private readonly RandomStream _sensing;
    private readonly RandomStream _losing;
    private readonly bool _followsTraffic;
    private readonly double[] _row;
    private double _burst;

    internal SimulatedAsset(SimulationOptions options, AssetKind kind, SurvivalTable table, string name)
    {
        _options = options;
        Name = name;
        Life = new AssetLife(kind.Life, table, options.Step, options.Seed, name);
        _telemetry = kind.Telemetry(new RandomStream(options.Seed, name + "#birth"));
        _dropouts = new Dropouts(options, kind.Metrics);
        _followsTraffic = kind.FollowsTraffic;
        _ownLoad = new MeanReverting(options.Step, tauHours: 1.5, deviation: kind.FollowsTraffic ? 0.12 : 0.08);
        _bursts = new Episodes(options.Step, share: 0.02, meanHours: 0.4);
        _sensing = new RandomStream(options.Seed, name + "#sensing");
        _losing = new RandomStream(options.Seed, name + "#losing");
        _row = new double[kind.Metrics.Count];
    }

    public string Name { get; }

    /// <summary>The hidden state, with the true probabilities.</summary>
    public AssetLife Life { get; }

    /// <summary>False when the present step's row is lost.</summary>
    public bool HasRow { get; private set; }

    /// <summary>K values in the order of the kind's metrics, NaN for missing; overwritten by the next step.</summary>
    public ReadOnlySpan<double> Row => _row;

    /// <summary>The incident that starts at the present step, with the end that its repair will have; else null.</summary>
    public Incident? BegunIncident { get; private set; }

    /// <summary>The planned maintenance that starts at the present step; else null.</summary>
    public MaintenanceWindow? BegunMaintenance { get; private set; }

    internal void Begin(FleetClimate climate) => Sense(climate);

    internal void Advance(FleetClimate climate)
    {
        var before = Life.Phase;
        Life.Advance();
        BegunIncident = null;
        BegunMaintenance = null;
        if (Life.Phase != before && Life.Phase != AssetPhase.Running)
        {
            var end = climate.Time + (Life.ReadyAt - Life.Step) * _options.Step;
            if (Life.Phase == AssetPhase.Incident) BegunIncident = new Incident(Name, climate.Time, end, Life.Fault.Text());
            else BegunMaintenance = new MaintenanceWindow(Name, climate.Time, end, "planned");
        }
        Sense(climate);
    }

    private void Sense(FleetClimate climate)
    {
        var load = (_followsTraffic ? climate.Traffic : 1) * Math.Exp(_ownLoad.Next(_sensing));
        if (_bursts.Next(_sensing) && _followsTraffic)
        {
            if (_bursts.Begun) _burst = _sensing.Uniform(1.3, 2.1);
            load *= _burst;
        }
        if (Life.Restarted) _telemetry.Restart();
        var running = Life.Phase == AssetPhase.Running;
        var level = Math.Clamp(Life.Level, 0, 1);
        if (running)
        {
            var now = new Conditions(climate, load, Life.Fault, level, Life.AgeHours, _options.Step.TotalSeconds);
            _telemetry.Observe(now, _sensing, _row);
        }
        else
        {
            Array.Fill(_row, double.NaN);
            _telemetry.ObserveDown(_sensing, _row);
        }
        HasRow = _dropouts.Apply(_row, level, running, _losing);
    }
}

/// <summary>How fault modes are written.</summary>
public static class FaultModeNames
{
    /// <summary>The mode as the kind of an incident is written: <c>gc_thrash</c>.</summary>
    public static string Text(this FaultMode mode) => mode switch
    {
        FaultMode.None => "none",
        FaultMode.MemoryLeak => "memory_leak",
        FaultMode.DiskFill => "disk_fill",
        FaultMode.GcThrash => "gc_thrash",
        FaultMode.FdLeak => "fd_leak",
        FaultMode.CompactionBacklog => "compaction_backlog",
        FaultMode.LinkLoss => "link_loss",
        FaultMode.Overheating => "overheating",
        FaultMode.BearingWear => "bearing_wear",
        FaultMode.BrakeWear => "brake_wear",
        FaultMode.SuddenDeath => "sudden_death",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "not a fault mode"),
    };
}
