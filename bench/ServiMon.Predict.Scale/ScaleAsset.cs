using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scale;

/// <summary>
/// Made-up history of one asset: 20 metrics a minute, a third of them counters, numbers of two decimals. It fails every 20 days in the mean; a
/// third of the metrics rise in its last 20 hours, by more the nearer the failure. After an hour of silence it begins anew.
/// </summary>
internal sealed class ScaleAsset(int number, int days)
{
    public const int MetricCount = 20;

    private const int PieceRows = 4096, MeanLifeMinutes = 20 * 1440, RampMinutes = 20 * 60, DownMinutes = 60;

    private static readonly string[] Metrics = [.. Enumerable.Range(0, MetricCount).Select(i => $"metric_{i}")];
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(number);

    public string Name { get; } = $"rack-{number / 40}/unit-{number}";

    /// <summary>Known once all pieces are made.</summary>
    public List<Incident> Incidents { get; } = [];

    public IEnumerable<AssetRows> Pieces()
    {
        var level = new double[MetricCount];
        var total = new double[MetricCount];
        for (var m = 0; m < MetricCount; m++) level[m] = 10 + 40 * _random.NextDouble();
        var ticks = new List<long>(PieceRows);
        var values = new List<double>(PieceRows * MetricCount);
        var failsAt = Life();
        for (var minute = 0; minute < days * 1440; minute++)
        {
            if (minute >= failsAt)
            {
                Incidents.Add(new Incident(Name, At(minute), At(minute + DownMinutes - 1), "worn"));
                minute += DownMinutes - 1;
                failsAt = minute + Life();
                Array.Clear(total);
                continue;
            }
            var ramp = Math.Max(0, 1 - (failsAt - minute) / (double)RampMinutes);
            ticks.Add(At(minute).UtcTicks);
            for (var m = 0; m < MetricCount; m++)
            {
                level[m] = Math.Max(1, level[m] + 0.02 * (_random.NextDouble() - 0.5));
                var now = Math.Round(level[m] * (1 + 0.1 * _random.NextDouble() + (m % 3 == 2 ? 0.8 * ramp : 0)), 2);
                total[m] += now;
                values.Add(m % 3 == 0 && m < 18 ? Math.Round(total[m], 2) : now);
            }
            if (ticks.Count < PieceRows) continue;
            yield return new AssetRows(Name, Metrics, [.. ticks], [.. values]);
            ticks.Clear();
            values.Clear();
        }
        if (ticks.Count > 0) yield return new AssetRows(Name, Metrics, [.. ticks], [.. values]);
    }

    private int Life() => (int)(-Math.Log(1 - _random.NextDouble()) * MeanLifeMinutes) + RampMinutes;

    private static DateTimeOffset At(int minute) => Start.AddMinutes(minute);
}
