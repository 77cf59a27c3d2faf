namespace ServiMon.Predict.Series;

/// <summary>Rows of one asset in ascending time: the unit in which history is stored, read and replayed.</summary>
/// <remarks>Shape: <see cref="Ticks"/> has n entries (UTC, 100 ns); <see cref="Values"/> has n x K, row-major, NaN for missing.</remarks>
public sealed class AssetRows
{
    private readonly int _width;

    public AssetRows(string asset, IReadOnlyList<string> metrics, long[] ticks, double[] values)
    {
        if (values.Length != ticks.Length * metrics.Count)
            throw new ArgumentException($"values has {values.Length} entries, expected {ticks.Length} rows x {metrics.Count} metrics", nameof(values));
        Asset = asset;
        Metrics = metrics;
        Ticks = ticks;
        Values = values;
        _width = metrics.Count;
    }

    public string Asset { get; }

    /// <summary>Names of the K columns; shared between the assets of one file or profile.</summary>
    public IReadOnlyList<string> Metrics { get; }

    public long[] Ticks { get; }

    public double[] Values { get; }

    public int Count => Ticks.Length;

    public ReadOnlySpan<double> Row(int index) => Values.AsSpan(index * _width, _width);

    public DateTimeOffset Time(int index) => new(Ticks[index], TimeSpan.Zero);
}

/// <summary>The history of a fleet: all its assets over the same K metrics.</summary>
public sealed record FleetHistory(IReadOnlyList<string> Metrics, IReadOnlyList<AssetRows> Assets)
{
    public long RowCount => Assets.Sum(a => (long)a.Count);
}

/// <summary>A failure that happened. <paramref name="End"/> null: it never ends.</summary>
public sealed record Incident(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind)
{
    /// <summary>What the kind of an incident begins with that a failure rule of the profile has seen.</summary>
    public const string RulePrefix = "rule:";

    /// <summary>True for one that a failure rule has seen, false for one that was reported.</summary>
    public bool IsFromRule => Kind.StartsWith(RulePrefix, StringComparison.Ordinal);
}

/// <summary>A time of being down on purpose: neither failure nor healthy.</summary>
public sealed record MaintenanceWindow(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind);

/// <summary>Everything known of a fleet: what training and backtests start from.</summary>
public sealed record FleetRecord(FleetHistory History, IReadOnlyList<Incident> Incidents, IReadOnlyList<MaintenanceWindow> Maintenance);
