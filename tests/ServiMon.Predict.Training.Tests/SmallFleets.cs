using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Tests;

/// <summary>Fleets small enough to fit in a moment, with wear that a model can see.</summary>
internal static class SmallFleets
{
    public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A profile without metrics, with the default spans of a profile of that step.</summary>
    public static Profile Profile(TimeSpan step, params string[] horizons)
    {
        var spans = horizons.Select(h => new Horizon(DurationText.Parse(h), h)).ToArray();
        return new Profile
        {
            Name = "small",
            Step = step,
            Horizons = [.. spans],
            Lateness = 2 * step,
            WarmUp = 3 * step,
            StaleAfter = 10 * step,
            HalfLives = [spans[^1].Span / 10, spans[^1].Span / 3, spans[^1].Span],
            Groups = ["throughput", "pressure", "structural_state"],
            Metrics = [],
        };
    }

    /// <summary>Hourly rows of wear (of 1) and two metrics of noise; horizons of 4 and 12 hours.</summary>
    public static readonly Profile Worn = Profile(TimeSpan.FromHours(1), "4h", "12h") with
    {
        Metrics =
        [
            new() { Name = "wear", Group = "pressure", Limit = new MetricLimit(null, 1, false) },
            new() { Name = "load", Group = "throughput" },
            new() { Name = "noise", Group = "structural_state" },
        ],
    };

    /// <summary>
    /// Assets whose wear rises to 1 at a pace of their own within 60 to 200 hours; then they fail, are silent for
    /// <paramref name="repairHours"/> and begin anew. With repair null an asset lives once, and its rows end with it.
    /// </summary>
    public static FleetRecord Wearing(int assets, int hours, int seed, int? repairHours = 6, string prefix = "unit")
    {
        var random = new Random(seed);
        var rows = new List<AssetRows>();
        var incidents = new List<Incident>();
        for (var a = 0; a < assets; a++)
        {
            var name = $"{prefix}-{a}";
            List<long> ticks = [];
            List<double> values = [];
            double wear = 0.5 * random.NextDouble(), pace = 1 / (60 + 140 * random.NextDouble());
            for (var h = 0; h < hours; h++)
            {
                wear += pace * 2 * random.NextDouble();
                if (wear >= 1)
                {
                    incidents.Add(new Incident(name, Start.AddHours(h), repairHours is { } r ? Start.AddHours(h + r - 0.5) : null, "worn"));
                    if (repairHours is null) break;
                    h += repairHours.Value - 1;
                    (wear, pace) = (0, 1 / (60 + 140 * random.NextDouble()));
                    continue;
                }
                ticks.Add(Start.AddHours(h).UtcTicks);
                values.AddRange([wear, 50 + 20 * random.NextDouble(), random.NextDouble()]);
            }
            rows.Add(new AssetRows(name, ["wear", "load", "noise"], [.. ticks], [.. values]));
        }
        return new FleetRecord(new FleetHistory(["wear", "load", "noise"], rows), incidents, []);
    }

    /// <summary>The fleet with every asset's rows passed through a function; it may return null to keep them.</summary>
    public static FleetRecord With(FleetRecord fleet, Func<AssetRows, AssetRows?> change) =>
        fleet with { History = fleet.History with { Assets = [.. fleet.History.Assets.Select(a => change(a) ?? a)] } };

    /// <summary>The asset's rows before a time.</summary>
    public static AssetRows Before(AssetRows rows, DateTimeOffset until)
    {
        var count = rows.Ticks.Count(t => t < until.UtcTicks);
        return new AssetRows(rows.Asset, rows.Metrics, rows.Ticks[..count], rows.Values[..(count * rows.Metrics.Count)]);
    }
}
