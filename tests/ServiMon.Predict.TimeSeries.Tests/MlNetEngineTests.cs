using ServiMon.Predict.Detection;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.TimeSeries;

public sealed class MlNetEngineTests
{
    private const int Season = 24;

    [Fact]
    public void A_spike_gets_a_small_p_value()
    {
        var values = Seasonal(2000, 3);
        values[1200] += 40;
        var rows = Observe(values);

        Assert.True(rows[1200].PValue < 0.01, $"{rows[1200]}");
        Assert.All(rows, r => Assert.InRange(r.PValue, 1e-12, 1));
        Assert.All(rows, r => Assert.True(double.IsFinite(r.Score) && r.Score >= 0));
        Assert.True(rows.Count(r => r.Verdict == Verdict.Spike) < 100);
    }

    [Fact]
    public void A_shift_of_independent_values_is_a_changepoint_where_it_is_noticed()
    {
        var values = Noise(400, 10);
        for (var i = 300; i < values.Length; i++) values[i] += 15;
        var rows = Observe(values);
        var noticed = rows.FindIndex(300, r => r.Verdict == Verdict.Changepoint);

        Assert.InRange(noticed, 300, 330);
        Assert.Equal(noticed * TimeSpan.TicksPerHour, rows[noticed].LocationTicks);
        Assert.True(rows[noticed].Score > rows[299].Score);
    }

    [Fact]
    public void What_comes_later_changes_nothing_that_was_said()
    {
        var values = Seasonal(900, 4);
        var whole = Observe(values);
        var changed = values.ToArray();
        for (var i = 700; i < changed.Length; i++) changed[i] = 1e6;

        Assert.Equal(whole.Take(700), Observe(changed).Take(700));
    }

    [Fact]
    public void Detectors_do_not_share_state()
    {
        var (a, b) = (Seasonal(800, 5), Seasonal(800, 6));
        MlNetDetector first = new(), second = new();
        var together = new List<DetectionRow>();
        for (var i = 0; i < a.Length; i++)
        {
            together.Add(first.Observe(i * TimeSpan.TicksPerHour, a[i]));
            second.Observe(i * TimeSpan.TicksPerHour, b[i] * 50);
        }
        Assert.Equal(Observe(a), together);
    }

    [Fact]
    public void What_is_not_a_number_is_neutral_and_does_not_stop_the_engine()
    {
        var values = Seasonal(700, 7);
        values[0] = double.NaN;
        values[300] = double.NaN;
        values[600] = double.PositiveInfinity;
        var rows = Observe(values);

        Assert.All(new[] { 0, 300, 600 }, i => Assert.Equal(DetectionRow.Neutral, rows[i]));
        var detector = new MlNetDetector();
        detector.Observe(5, 1);
        Assert.Equal(DetectionRow.Neutral, detector.Observe(5, 2));
        Assert.Equal(DetectionRow.Neutral, detector.Observe(4, 2));
    }

    [Fact]
    public void A_season_is_continued_also_far_from_zero_and_over_gaps()
    {
        var values = Seasonal(480, 8).Select(v => v + 1e9).ToArray();
        for (var i = 200; i < 206; i++) values[i] = double.NaN;
        long[] ticks = [.. values.Select((_, i) => i * TimeSpan.TicksPerHour)];
        var (forecast, seasons) = MlNetForecaster.Forecast(ticks[..456], values.AsSpan(0, 456), Season, 0.95);

        Assert.Equal(Season, seasons[0]);
        Assert.Equal(ticks[456..], forecast.Ticks);
        // The season swings by 20; noise has a standard deviation of 1.
        var error = forecast.Median.Zip(values[456..], (f, v) => Math.Abs(f - v)).Average();
        Assert.True(error < 4, $"mean absolute error {error}");
        var interval = Assert.Single(forecast.Intervals);
        Assert.All(Enumerable.Range(0, Season), h => Assert.True(interval.Lower[h] <= forecast.Median[h] && forecast.Median[h] <= interval.Upper[h]));
        Assert.StartsWith("mlnet-ssa(", Assert.Single(forecast.Weights).Name);
    }

    [Fact]
    public void A_short_series_is_wrong_input() =>
        Assert.Contains("needs at least 8", Assert.Throws<InputException>(() => MlNetForecaster.Forecast([1, 2, 3], [1, 2, 3], 1, 0.95)).Message);

    [Fact]
    public void Gaps_are_filled_in_a_straight_line() =>
        Assert.Equal([2, 2, 3, 4, 5, 5], MlNetForecaster.Filled([double.NaN, 2, double.NaN, 4, 5, double.NaN]));

    [Fact]
    public void Scores_stand_in_place_of_metrics_and_keep_what_is_missing()
    {
        var counter = Enumerable.Range(0, 600).Select(i => i * 10.0).ToArray();
        var history = new FleetHistory(["load", "requests_total"], [new AssetRows("a", ["load", "requests_total"], [.. Enumerable.Range(1, 600).Select(i => i * TimeSpan.TicksPerSecond)],
            [.. Seasonal(600, 9).Select((v, i) => i == 100 ? double.NaN : v).Zip(counter).SelectMany(v => new[] { v.First, v.Second })])]);
        var profile = ProfileInference.Complete(ProfileReader.Parse("profile: x\nstep: 1s\nhorizons: [1m]\n", "x.yaml"), history.Metrics);
        var (scored, scores) = MlNetScores.Of(profile, history, TestContext.Current.CancellationToken);

        Assert.Equal(["load_novelty", "load_spike", "requests_total_novelty", "requests_total_spike"], scores.Metrics);
        Assert.Equal(scores.Metrics, scored.Metrics.Select(m => m.Name));
        var rows = Assert.Single(scores.Assets);
        Assert.True(double.IsNaN(rows.Row(100)[0]) && double.IsNaN(rows.Row(100)[1]));
        Assert.True(double.IsNaN(rows.Row(0)[2]), "a counter has no growth at its first row");
        Assert.DoesNotContain(rows.Row(599).ToArray(), double.IsNaN);
    }

    private static double[] Seasonal(int count, int seed) => [.. Noise(count, seed).Select((noise, i) => 10 * Math.Sin(2 * Math.PI * i / Season) + noise)];

    /// <summary>About normal with a standard deviation of 1: the sum of twelve uniform numbers.</summary>
    private static double[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)];
    }

    private static List<DetectionRow> Observe(double[] values)
    {
        var detector = new MlNetDetector();
        return [.. values.Select((v, i) => detector.Observe(i * TimeSpan.TicksPerHour, v))];
    }
}
