using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Tests.Reading;

/// <summary>
/// Assets that live for a week or so and show it only in their last hours, one row in ten minutes: most of their history is healthy and far
/// from any incident. Each has a level of its own, that drifts.
/// </summary>
internal static class LongLives
{
    public static readonly Profile Profile = SmallFleets.Profile(TimeSpan.FromMinutes(10), "1h", "3h") with
    {
        Metrics =
        [
            new() { Name = "wear", Group = "pressure" },
            new() { Name = "done_total", Group = "throughput", Kind = MetricKind.Counter },
            new() { Name = "noise", Group = "structural_state" },
        ],
        FailureRules = [new("silent", "wear", "missing", 0, TimeSpan.FromMinutes(30))],
    };

    private static readonly string[] Metrics = ["wear", "done_total", "noise"];

    public static FleetRecord Make(int assets, int days, int seed)
    {
        var random = new Random(seed);
        var rows = new List<AssetRows>();
        var incidents = new List<Incident>();
        for (var a = 0; a < assets; a++)
        {
            List<long> ticks = [];
            List<double> values = [];
            double level = 40 + 20 * random.NextDouble(), total = 0;
            var failsAt = Life();
            for (var i = 0; i < days * 144; i++)
            {
                if (i >= failsAt)
                {
                    incidents.Add(new Incident($"unit-{a}", At(i), At(i + 12), "worn"));
                    failsAt = i + 12 + Life();
                    // Down for two hours: rows come, but empty of wear; after it counting begins anew.
                    for (var down = 0; down < 12 && i < days * 144; down++, i++) Add(i, double.NaN, double.NaN, random.NextDouble());
                    total = 0;
                    i--;
                    continue;
                }
                level += 0.05 * (random.NextDouble() - 0.5);
                var ramp = Math.Max(0, 1 - (failsAt - i) / 60.0);
                total += 600 * (1 + 0.3 * random.NextDouble());
                Add(i, level * (1 + 0.03 * Gauss() + 0.6 * ramp * ramp), total, random.NextDouble());
            }
            rows.Add(new AssetRows($"unit-{a}", Metrics, [.. ticks], [.. values]));

            void Add(int i, double wear, double done, double noise)
            {
                ticks.Add(At(i).UtcTicks);
                values.AddRange([wear, done, noise]);
            }
        }
        return new FleetRecord(new FleetHistory(Metrics, rows), incidents, []);

        int Life() => (int)(-Math.Log(1 - random.NextDouble()) * 144 * 7) + 72;

        double Gauss() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static DateTimeOffset At(int row) => SmallFleets.Start.AddMinutes(10 * row);
}
