namespace ServiMon.Predict.Simulation;

/// <summary>The assets of one kind in a running simulation.</summary>
/// <param name="Profile">Name of the profile that describes the kind.</param>
/// <param name="Metrics">The K columns of every row.</param>
public sealed record SimulatedKind(string Profile, IReadOnlyList<string> Metrics, IReadOnlyList<SimulatedAsset> Assets);

/// <summary>
/// A simulation that goes one step at a time, in global time order, without an end: for live feeds. After each
/// <see cref="Advance"/> every asset holds its row of <see cref="Time"/>. <see cref="FleetSimulation"/> collects the very same steps.
/// </summary>
public sealed class FleetSimulator
{
    private readonly FleetClimate _climate;
    private bool _begun;

    /// <exception cref="InputException">When the options are out of range.</exception>
    public FleetSimulator(SimulationOptions options)
    {
        options.Validate();
        if (options.Fleet == TelescopeSimulation.Name) throw new InputException("simulation: fleet", $"'{options.Fleet}' has an end: it is simulated as a whole, not step by step");
        Options = options;
        _climate = new FleetClimate(options.Start, options.Step, options.Seed);
        var horizons = options.HorizonSteps;
        Kinds = [.. FleetCatalogue.Kinds(options.Fleet).Select(kind =>
        {
            var table = new SurvivalTable(kind.Life, options.Step, horizons);
            var count = options.AssetCountOverride ?? kind.Count;
            SimulatedAsset[] assets = [.. Enumerable.Range(0, count).Select(i => new SimulatedAsset(options, kind, table, kind.Name(i)))];
            return new SimulatedKind(kind.Profile, kind.Metrics, assets);
        })];
    }

    public SimulationOptions Options { get; }

    public IReadOnlyList<SimulatedKind> Kinds { get; }

    /// <summary>Time of the present rows.</summary>
    public DateTimeOffset Time => _climate.Time;

    /// <summary>Goes to the next step; the first call to the first step, at the options' start. Does not stop at the duration.</summary>
    public void Advance()
    {
        if (_begun) _climate.Advance();
        else _climate.Begin();
        foreach (var kind in Kinds)
            foreach (var asset in kind.Assets)
            {
                if (_begun) asset.Advance(_climate);
                else asset.Begin(_climate);
            }
        _begun = true;
    }
}
