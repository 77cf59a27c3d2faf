using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Slow drift in series that come and go by themselves.</summary>
public sealed class DriftTests
{
    /// <summary>Over a fortnight a row a minute, or 160 days a row an hour: seasons of a day and persistent noise, of unit variance without them.</summary>
    [Theory]
    [InlineData(1, 0, 0.0)]
    [InlineData(1, 0, 0.95)]
    [InlineData(1, 1, 0.0)]
    [InlineData(1, 3, 0.0)]
    [InlineData(1, 10, 0.0)]
    [InlineData(5, 3, 0.0)]
    [InlineData(60, 0, 0.95)]
    [InlineData(60, 10, 0.0)]
    public void Days_and_persistence_are_no_drift_once_they_have_been_seen(int minutes, double amplitude, double persistence)
    {
        var turns = 0;
        for (var seed = 1; seed <= 4; seed++) turns += Turns(minutes, amplitude, persistence, 0, seed).Count;
        // Before a sum has come back once, a day is as good as a drift.
        Assert.InRange(turns, 0, 8);
    }

    [Theory]
    [InlineData(1, 0, 0.0, 1.5)]
    [InlineData(1, 1, 0.0, 4)]
    [InlineData(1, 3, 0.0, 6)]
    [InlineData(5, 1, 0.0, 8)]
    [InlineData(60, 0, 0.95, 120)]
    [InlineData(60, 10, 0.0, 45)]
    public void A_drift_of_four_deviations_is_told_within_days(int minutes, double amplitude, double persistence, double days)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var half = 10_000L * minutes / 1440.0;
            Assert.Contains(Turns(minutes, amplitude, persistence, 4, seed), day => day >= half && day < half + days);
        }
    }

    /// <summary>When drift was told, in days; from the middle of 20,000 rows on the level rises by so much in all.</summary>
    private static List<double> Turns(int minutes, double amplitude, double persistence, double rise, int seed)
    {
        const int count = 20_000;
        var noise = SyntheticSeries.Make("gaussian", count, seed);
        var ticks = SyntheticSeries.Ticks(count, TimeSpan.FromMinutes(minutes));
        var detector = new SeriesDetector();
        var turns = new List<double>();
        var (state, was) = (0.0, false);
        for (var i = 0; i < count; i++)
        {
            state = persistence * state + Math.Sqrt(1 - persistence * persistence) * noise[i];
            var day = (double)minutes * i / 1440;
            detector.Observe(ticks[i], state + amplitude * Math.Sin(2 * Math.PI * (day + 0.1 * seed)) + rise * Math.Max(0, i - count / 2) / (count / 2));
            var isDrifting = detector.Health.IsDrifting;
            if (isDrifting && !was) turns.Add(day);
            was = isDrifting;
        }
        return turns;
    }
}
