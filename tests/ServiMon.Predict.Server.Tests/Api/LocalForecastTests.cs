using Google.Protobuf.WellKnownTypes;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Api;

/// <summary>Working hours on the clock of a profile's zone, in the days after the clock was changed.</summary>
public class LocalForecastTests
{
    private const string Rome = "Europe/Rome";

    private static Profile Office(string? zone) => ProfileReader.Parse($"""
        profile: office
        step: 1h
        horizons: [1h, 24h]
        {(zone is null ? "" : "time_zone: " + zone)}
        metrics:
          load:
            kind: gauge
            group: pressure
            limit:
              constant: 15
        """, "office.yaml");

    /// <summary>Busy from nine to five, until the given hour after the clock was changed.</summary>
    private static (long[] Ticks, double[] Values) Load(DateTime change, int hoursAfter)
    {
        Assert.SkipUnless(TimeZoneInfo.TryFindSystemTimeZoneById(Rome, out var zone), "this machine has no time zones");
        var random = new Random(5);
        long[] ticks = [.. Enumerable.Range(-24 * 28, 24 * 28 + hoursAfter + 1).Select(h => change.AddHours(h).Ticks)];
        bool IsBusy(long at) => TimeZoneInfo.ConvertTimeFromUtc(new DateTime(at, DateTimeKind.Utc), zone!).Hour is >= 9 and < 17;
        return (ticks, [.. ticks.Select(t => (IsBusy(t) ? 20 : 5) + 0.2 * random.NextDouble())]);
    }

    private static readonly DateTime Forward = new(2024, 3, 31, 1, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Back = new(2024, 10, 27, 1, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_forecast_and_a_breach_begin_at_nine_o_clock_the_morning_after(bool forward)
    {
        // The last row is that of eight o'clock in Rome: the next one is of nine.
        var (ticks, values) = Load(forward ? Forward : Back, forward ? 5 : 6);
        await using var local = await ApiHost.StartAsync(profiles: new Dictionary<string, Profile> { ["office"] = Office(Rome) });
        await using var plain = await ApiHost.StartAsync(profiles: new Dictionary<string, Profile> { ["office"] = Office(null) });
        var (median, breach) = await AskAsync(local, ticks, values);
        Assert.Equal(20.1, median, 2.5);
        Assert.InRange(breach, 0.8, 1);
        // On UTC nine o'clock is an hour later than it was; in autumn both expect a busy hour.
        var (utcMedian, utcBreach) = await AskAsync(plain, ticks, values);
        if (forward) Assert.True(utcMedian < 15 && utcBreach < 0.5, $"on UTC: {utcMedian}, {utcBreach}");
    }

    private static async Task<(double Median, double Breach)> AskAsync(ApiHost host, long[] ticks, double[] values)
    {
        await host.Store.History.AppendAsync("office", [new AssetRows("a", ["load"], ticks, values)], TestContext.Current.CancellationToken);
        var hour = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        var forecast = await host.Forecasts.ForecastMetricAsync(new() { Profile = "office", Asset = "a", Metric = "load", Horizon = hour });
        var breach = await host.Forecasts.EstimateBreachAsync(new() { Profile = "office", Asset = "a", Metric = "load", Horizons = { hour } });
        return (forecast.Steps[0].Median, breach.Breaches[0].Probability);
    }

    [Fact]
    public void Going_on_over_the_change_and_building_anew_after_it_say_the_same()
    {
        foreach (var change in new[] { Forward, Back })
        {
            var profile = Office(Rome);
            var (ticks, values) = Load(change, 30);
            BreachForecast Built(int count) => BreachForecast.Of(profile, "a", Rows(ticks, values, BreachForecast.StartOf(profile, "a", ticks[count - 1]), count), 15, below: false, [1, 5, 24]);
            var first = ticks.Length - 34;
            var gone = Built(first);
            for (var count = first + 1; count <= ticks.Length; count++)
            {
                var isFitDue = BreachForecast.FitBefore(profile, "a", ticks[count - 1]) != BreachForecast.FitBefore(profile, "a", ticks[count - 2]);
                if (isFitDue || !gone.TryGoOn(Rows(ticks, values, ticks[count - 2], count))) gone = Built(count);
                var built = Built(count).Estimate(15, below: false, [1, 5, 24]);
                Assert.Equal(built, gone.Estimate(15, below: false, [1, 5, 24]));
            }
        }
    }

    private static MetricHistory Rows(long[] ticks, double[] values, long after, int count)
    {
        int[] taken = [.. Enumerable.Range(0, count).Where(i => ticks[i] > after)];
        return new MetricHistory([.. taken.Select(i => ticks[i])], [.. taken.Select(i => values[i])], 15, false);
    }
}
