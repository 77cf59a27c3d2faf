namespace ServiMon.Predict.Simulation;

/// <summary>What goes missing on the way from an asset to the history: rows, scrapes, and sensors that repeat themselves.</summary>
internal sealed class Dropouts(SimulationOptions options, IReadOnlyList<string> metrics)
{
    private readonly Episodes _bursts = new(options.Step, options.BurstGapShare, meanHours: 10 / 60.0);
    private readonly Episodes _gaps = new(options.Step, options.WholeGapShare, meanHours: 40 / 60.0);
    private readonly Episodes _stuck = new(options.Step, options.StuckSensorShare, meanHours: 3);
    private readonly int[] _scraped = [.. Enumerable.Range(0, metrics.Count).Where(i => IsScraped(metrics[i]))];
    private readonly int[] _sensors = [.. Enumerable.Range(0, metrics.Count).Where(i => IsSensor(metrics[i]))];
    private int _sensor;
    private double _held;
    private bool _holding;

    /// <summary>Spoils the row of one step in place.</summary>
    /// <param name="stress">Level of the fault in progress, 0 to 1: an exporter near failure answers less.</param>
    /// <param name="running">False when the asset is down, and its row holds nothing to spoil.</param>
    /// <returns>False when there is no row at all.</returns>
    public bool Apply(Span<double> row, double stress, bool running, RandomStream random)
    {
        var burst = _bursts.Next(random);
        var gap = _gaps.Next(random);
        var stuck = _stuck.Next(random);
        if (running && stuck)
        {
            if (!_holding)
            {
                _sensor = _sensors[random.Index(_sensors.Length)];
                _held = row[_sensor];
            }
            row[_sensor] = _held;
        }
        _holding = running && stuck;
        var missed = random.Chance(Math.Min(1, options.MissedScrapeShare + 0.1 * Math.Pow(stress, 8)));
        if (running && (burst || missed))
            foreach (var i in _scraped) row[i] = double.NaN;
        return !gap;
    }

    private static bool IsScraped(string metric) => !metric.StartsWith("probe_", StringComparison.Ordinal);

    /// <summary>Gauges measured at the asset, not counters, sizes or limits.</summary>
    private static bool IsSensor(string metric) =>
        IsScraped(metric) && !metric.Contains("_total", StringComparison.Ordinal)
        && !metric.Contains("max_", StringComparison.Ordinal) && !metric.Contains("_size_", StringComparison.Ordinal)
        && !metric.EndsWith("_hours", StringComparison.Ordinal);
}
