using ServiMon.Predict.Series;

namespace ServiMon.Predict.Simulation;

/// <summary>The true probabilities at the rows of one asset.</summary>
/// <param name="Ticks">n times, those of the asset's rows (UTC, 100 ns).</param>
/// <param name="Probabilities">n x H, row-major, H as the fleet's horizons: that an incident starts in (time, time + horizon].</param>
public sealed record TrueProbabilities(string Asset, long[] Ticks, double[] Probabilities);

/// <summary>All that is known of one kind's simulated assets.</summary>
/// <param name="Profile">Name of the profile that describes the kind.</param>
/// <param name="Horizons">H horizons of the truth, ascending.</param>
/// <param name="History">Rows, incidents and maintenance: what a real fleet would show.</param>
/// <param name="Truth">One entry for each asset, in the order of the history.</param>
public sealed record SimulatedFleet(
    string Profile, TimeSpan Step, IReadOnlyList<TimeSpan> Horizons, FleetRecord History, IReadOnlyList<TrueProbabilities> Truth);

/// <summary>A simulation from its start to its end, in memory: about 8 (K + H) bytes for each row.</summary>
public static class FleetSimulation
{
    /// <summary>Runs <see cref="SimulationOptions.StepCount"/> steps; one result for each kind of asset in the fleet.</summary>
    /// <param name="progress">Told the share done, about a hundred times; may be null.</param>
    /// <exception cref="InputException">When the options are out of range.</exception>
    /// <exception cref="OperationCanceledException">When asked to stop.</exception>
    public static IReadOnlyList<SimulatedFleet> Run(
        SimulationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        if (options.Fleet == TelescopeSimulation.Name)
        {
            options.Validate();
            return [TelescopeSimulation.Run(options, progress, cancellation)];
        }
        var simulator = new FleetSimulator(options);
        var steps = options.StepCount;
        var horizons = options.HorizonSteps;
        var widest = Math.Max(horizons.Count, simulator.Kinds.Max(k => k.Metrics.Count));
        if (steps > Array.MaxLength / widest)
            throw new InputException("simulation: days", $"{options.Duration} is {steps} steps; at most {Array.MaxLength / widest} fit");
        var recorders = simulator.Kinds.SelectMany(k => k.Assets.Select(a => new Recorder(k, a, steps, horizons))).ToArray();
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            simulator.Advance();
            var ticks = simulator.Time.UtcTicks;
            foreach (var recorder in recorders) recorder.Record(ticks);
            if (progress is not null && (step + 1) * 100L / steps != step * 100L / steps) progress.Report((step + 1.0) / steps);
        }
        foreach (var recorder in recorders) recorder.Trim();
        return [.. simulator.Kinds.Select(kind => Collect(options, kind, [.. recorders.Where(r => r.Kind == kind)]))];
    }

    private static SimulatedFleet Collect(SimulationOptions options, SimulatedKind kind, Recorder[] recorders) => new(
        kind.Profile,
        options.Step,
        options.Horizons,
        new FleetRecord(
            new FleetHistory(kind.Metrics, [.. recorders.Select(r => r.Rows())]),
            [.. recorders.SelectMany(r => r.Incidents).OrderBy(i => i.Start)],
            [.. recorders.SelectMany(r => r.Maintenance).OrderBy(m => m.Start)]),
        [.. recorders.Select(r => r.Truth())]);

    private sealed class Recorder(SimulatedKind kind, SimulatedAsset asset, int steps, IReadOnlyList<int> horizons)
    {
        private long[] _ticks = new long[steps];
        private double[] _values = new double[steps * kind.Metrics.Count];
        private double[] _truth = new double[steps * horizons.Count];
        private int _count;

        public SimulatedKind Kind => kind;

        public List<Incident> Incidents { get; } = [];

        public List<MaintenanceWindow> Maintenance { get; } = [];

        public void Record(long ticks)
        {
            if (asset.BegunIncident is { } incident) Incidents.Add(incident);
            if (asset.BegunMaintenance is { } window) Maintenance.Add(window);
            if (!asset.HasRow) return;
            _ticks[_count] = ticks;
            asset.Row.CopyTo(_values.AsSpan(_count * kind.Metrics.Count));
            for (var h = 0; h < horizons.Count; h++) _truth[_count * horizons.Count + h] = asset.Life.TrueProbability(horizons[h]);
            _count++;
        }

        public void Trim()
        {
            Array.Resize(ref _ticks, _count);
            Array.Resize(ref _values, _count * kind.Metrics.Count);
            Array.Resize(ref _truth, _count * horizons.Count);
        }

        public AssetRows Rows() => new(asset.Name, kind.Metrics, _ticks, _values);

        public TrueProbabilities Truth() => new(asset.Name, _ticks, _truth);
    }
}
