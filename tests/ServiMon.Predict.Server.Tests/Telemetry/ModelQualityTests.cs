using Prometheus;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Server.Telemetry;

namespace ServiMon.Predict.Server.Tests.Telemetry;

public sealed class ModelQualityTests
{
    [Theory]
    [InlineData(0.1, 0.1, 2000, false)]
    [InlineData(0.1, 0.3, 2000, true)]
    [InlineData(0.1, 0.02, 2000, true)]
    [InlineData(0.1, 0.3, 900, false)]
    public void Probabilities_that_are_wrong_by_a_factor_are_drift(double predicted, double happens, int count, bool expected)
    {
        var score = Scored(count, _ => predicted, happens);
        Assert.Equal(expected, DriftGauges.IsDrifting(score));
        Assert.Equal(happens / predicted, score.ObservedToExpected, happens / predicted / 4);
    }

    [Fact]
    public void Probabilities_that_are_worse_than_the_base_rate_are_drift()
    {
        // Right on the whole, and at random where they are high.
        Assert.True(DriftGauges.IsDrifting(Scored(4000, i => i % 5 == 0 ? 0.9 : 0.025, 0.2)));
    }

    [Fact]
    public async Task Drift_and_training_have_their_gauges()
    {
        var registry = Metrics.NewCustomRegistry();
        var score = Scored(2000, _ => 0.1, 0.5);
        _ = new DriftGauges(registry, () => [], () => [("pump", "10m", score)]);
        var runs = new TrainingRuns();
        _ = new TrainingMetrics(registry, runs, ["pump", "fan"]);
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var first = runs.Begin(new TrainingOrder("pump", "test", 1, false), start);
        runs.Change(first.Id, r => r with { State = TrainingRunState.Succeeded, Ended = start.AddSeconds(90), Outcome = new TrainingOutcome("m", true, "", null) });
        var second = runs.Begin(new TrainingOrder("pump", "test", 1, false), start.AddMinutes(5));
        runs.Change(second.Id, r => r with { State = TrainingRunState.Failed, Ended = start.AddMinutes(6) });
        var third = runs.Begin(new TrainingOrder("pump", "test", 1, false), start.AddMinutes(7));
        runs.Change(third.Id, r => r with { StageShare = 0.25 });

        var text = await TextAsync(registry);
        Assert.Contains("servimon_predict_drift_state{profile=\"pump\"} 1\n", text);
        Assert.Contains("servimon_predict_training_runs_total{profile=\"pump\",outcome=\"champion\"} 1\n", text);
        Assert.Contains("servimon_predict_training_runs_total{profile=\"pump\",outcome=\"failed\"} 1\n", text);
        Assert.Contains("servimon_predict_training_runs_total{profile=\"fan\",outcome=\"failed\"} 0\n", text);
        Assert.Contains("servimon_predict_training_running{profile=\"pump\"} 1\n", text);
        Assert.Contains("servimon_predict_training_stage_progress_ratio{profile=\"pump\"} 0.25\n", text);
        Assert.Contains("servimon_predict_training_last_success_timestamp_seconds{profile=\"pump\"} 1704067290\n", text);
        Assert.Contains("servimon_predict_training_last_duration_seconds{profile=\"pump\"} 60\n", text);
        Assert.Equal(text, await TextAsync(registry));
    }

    [Fact]
    public async Task Resolved_predictions_are_told_by_bin_of_probability()
    {
        var registry = Metrics.NewCustomRegistry();
        var score = new LiveScore(double.PositiveInfinity);
        foreach (var (probability, happened) in new[] { (0.0, false), (0.001, false), (0.25, true), (0.25, false), (0.5, true), (1.0, true) }) score.Add(probability, happened);
        _ = new ReliabilityGauges(registry, () => [("pump", "10m", score)]);

        var text = await TextAsync(registry);
        string Line(string what, string bin) => Assert.Single(text.Split('\n'), l => l.StartsWith($"servimon_predict_reliability_{what}{{profile=\"pump\",horizon=\"10m\",bin=\"{bin}\"}} ", StringComparison.Ordinal)).Split(' ')[1];
        Assert.Equal(["1", "1", "0", "2", "1", "1"], new[] { "0-0.001", "0.001-0.002", "0.1-0.2", "0.2-0.5", "0.5-0.8", "0.8-1" }.Select(b => Line("predictions", b)));
        Assert.Equal(("0.5", "1"), (Line("expected_predictions", "0.2-0.5"), Line("observed_predictions", "0.2-0.5")));
        Assert.Equal(("1", "1"), (Line("expected_predictions", "0.8-1"), Line("observed_predictions", "0.8-1")));
        Assert.Equal(11, score.Reliability.All.Count);
    }

    [Fact]
    public async Task Input_distances_are_told_while_they_are_known_and_of_the_metrics_there_are()
    {
        var registry = Metrics.NewCustomRegistry();
        (string Profile, IEnumerable<InputDistance> Inputs)[] inputs = [];
        _ = new InputGauges(registry, () => inputs);
        inputs = [("pump", [new("heat", 500, 0.25), new("flow", 20, double.NaN)]), ("fan", [new("heat", 200, 0)])];
        var text = await TextAsync(registry);
        Assert.Contains("servimon_predict_input_distance_ratio{profile=\"pump\",metric=\"heat\"} 0.25\n", text);
        Assert.Contains("servimon_predict_input_distance_ratio{profile=\"fan\",metric=\"heat\"} 0\n", text);
        Assert.DoesNotContain("flow", text);
        inputs = [("pump", [new("heat", 5, double.NaN), new("flow", 200, 1)])];
        text = await TextAsync(registry);
        Assert.Contains("servimon_predict_input_distance_ratio{profile=\"pump\",metric=\"flow\"} 1\n", text);
        Assert.DoesNotContain("heat", text);
    }

    [Fact]
    public void A_bin_forgets_as_the_scores_do()
    {
        var score = new LiveScore(100);
        for (var i = 0; i < 1000; i++) score.Add(0.3, i % 3 == 0);
        for (var i = 0; i < 100; i++) score.Add(0.9, true);
        var bins = score.Reliability.All.Where(b => b.Predictions > 0).ToList();
        Assert.Equal(["0.2-0.5", "0.8-1"], bins.Select(b => b.Name));
        Assert.Equal(bins[0].Predictions, bins[1].Predictions, 0.2);
        Assert.Equal(score.BaseRate, bins.Sum(b => b.Observed) / bins.Sum(b => b.Predictions), 1e-9);
        Assert.Equal(score.ObservedToExpected, bins.Sum(b => b.Observed) / bins.Sum(b => b.Expected), 1e-9);
    }

    private static LiveScore Scored(int count, Func<int, double> probability, double happens)
    {
        var random = new Random(1);
        var score = new LiveScore(1e9);
        for (var i = 0; i < count; i++) score.Add(probability(i), random.NextDouble() < happens);
        return score;
    }

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream, TestContext.Current.CancellationToken);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
