using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// Made-up telemetry in the proportions of a broker's: a third counters, one metric in ten with a limit, probes, errors, requests and
/// pauses where there is room for them, one value in fifty missing.
/// </summary>
internal static class BenchFleet
{
    /// <summary>Metrics from which on the profile has probes, errors, requests and a pause.</summary>
    private const int LeastForRoles = 10;

    private static readonly string[] Groups = ["throughput", "latency", "pressure", "network", "structural_state"];

    public static Profile ProfileOf(int metricCount) => new()
    {
        Name = "bench",
        Step = TimeSpan.FromSeconds(10),
        Horizons = [new(TimeSpan.FromMinutes(15), "15m"), new(TimeSpan.FromHours(1), "1h"), new(TimeSpan.FromHours(6), "6h")],
        Lateness = TimeSpan.FromSeconds(20),
        WarmUp = TimeSpan.FromSeconds(30),
        StaleAfter = TimeSpan.FromSeconds(100),
        HalfLives = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(50)],
        Groups = [.. Groups],
        Metrics = [.. Enumerable.Range(0, metricCount).Select(i => MetricOf(i, metricCount))],
    };

    /// <summary>Rows of one asset, ten seconds apart.</summary>
    public static AssetRows Rows(Profile profile, string asset, int rowCount, Random random)
    {
        var metrics = profile.Metrics;
        var values = new double[rowCount * metrics.Length];
        for (var m = 0; m < metrics.Length; m++)
        {
            var level = Math.Exp(3 * random.NextDouble());
            var total = 1e6 * random.NextDouble();
            for (var row = 0; row < rowCount; row++)
            {
                var now = level * (1 + 0.2 * random.NextDouble());
                total += now;
                values[row * metrics.Length + m] = random.NextDouble() < 0.02 ? double.NaN
                    : metrics[m].Kind == MetricKind.Counter ? total
                    : metrics[m].Role == MetricRole.ProbeUp ? 1 : now;
            }
        }
        var ticks = Enumerable.Range(0, rowCount).Select(i => i * profile.Step.Ticks).ToArray();
        return new AssetRows(asset, [.. metrics.Select(m => m.Name)], ticks, values);
    }

    private static MetricSpec MetricOf(int index, int metricCount)
    {
        var role = metricCount < LeastForRoles ? MetricRole.None : index switch
        {
            0 => MetricRole.Request,
            1 => MetricRole.ProbeUp,
            2 => MetricRole.ProbeLatency,
            3 => MetricRole.Error,
            6 => MetricRole.Pause,
            _ => MetricRole.None,
        };
        return new MetricSpec
        {
            Name = $"metric_{index}",
            Kind = index % 3 == 0 ? MetricKind.Counter : MetricKind.Gauge,
            Group = Groups[index % Groups.Length],
            Role = role,
            Limit = role == MetricRole.None && index % 10 == 4 ? new MetricLimit(null, 30, false) : null,
        };
    }
}
