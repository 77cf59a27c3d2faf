using System.Globalization;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>What Prometheus makes of the live service's <c>/metrics</c>.</summary>
[Collection(nameof(LiveStack))]
public sealed class ScrapeTests(LiveStack stack)
{
    [Fact]
    public async Task Promtool_finds_nothing_to_say_about_the_exposition()
    {
        var text = await stack.MetricsAsync();
        var ended = OutsideTool.Run("promtool", text, "check", "metrics");
        Assert.True(ended is { Code: 0, Out: "", Error: "" }, $"exit code {ended.Code}\n{ended.Out}{ended.Error}");
        Assert.Contains("servimon_predict_failure_probability_ratio{", text);
        // It does find something where there is something.
        Assert.Contains("no help text", OutsideTool.Run("promtool", "servimon_predict_steps 1\n", "check", "metrics").Error);
    }

    [Fact]
    public async Task The_gauges_have_the_values_that_the_service_answers_with()
    {
        var told = (await stack.JsonAsync($"/v1/profiles/pump/predictions/{LiveStack.Silent}")).GetProperty("prediction");
        Assert.Equal("PREDICTION_STATE_READY", told.GetProperty("state").GetString());
        var probabilities = told.GetProperty("probabilities").EnumerateArray().ToDictionary(p => p.GetProperty("horizon").GetString()!, p => p.GetProperty("probability").GetDouble());
        Assert.Equal(["5s", "15s"], probabilities.Keys);
        foreach (var (horizon, probability) in probabilities)
            Assert.Equal(probability, await ValueAsync($$"""servimon_predict_failure_probability_ratio{profile="pump", asset="{{LiveStack.Silent}}", horizon="{{horizon}}"}"""));
        Assert.True(probabilities["15s"] > 0.1);
        Assert.NotEqual(0, told.GetProperty("drivers").GetArrayLength());
        foreach (var driver in told.GetProperty("drivers").EnumerateArray())
            Assert.Equal(driver.GetProperty("share").GetDouble(),
                await ValueAsync($$"""servimon_predict_driver_share_ratio{asset="{{LiveStack.Silent}}", group="{{driver.GetProperty("group").GetString()}}"}"""));
        Assert.Equal(1, await ValueAsync($$"""servimon_predict_model_info{profile="pump", model="{{stack.ModelId}}", basis="learned"}"""));
    }

    [Fact]
    public async Task Each_asset_is_in_the_state_that_it_was_brought_to()
    {
        foreach (var (asset, state) in new[] { (LiveStack.Well, "ready"), (LiveStack.Hot, "ready"), (LiveStack.Stopped, "in_incident"), (LiveStack.Silent, "ready") })
        {
            var states = await stack.Prometheus.QueryAsync($$"""servimon_predict_prediction_state{asset="{{asset}}"}""");
            Assert.Equal(7, states.Count);
            Assert.Equal(state, Assert.Single(states, s => s.Value == 1).Labels["state"]);
        }
        Assert.Empty(await stack.Prometheus.QueryAsync($$"""servimon_predict_failure_probability_ratio{asset="{{LiveStack.Stopped}}"}"""));
        var (well, hot) = (await ValueAsync(LiveStack.HighestRisk(LiveStack.Well)), await ValueAsync(LiveStack.HighestRisk(LiveStack.Hot)));
        Assert.True(hot > 0.5 && well < 0.1, string.Create(CultureInfo.InvariantCulture, $"hot {hot}, well {well}"));
    }

    [Fact]
    public async Task What_is_wrong_with_samples_and_messages_is_counted_by_reason()
    {
        Assert.Equal(1, await ValueAsync("""servimon_predict_messages_malformed_total{reason="syntax"}"""));
        Assert.True(await ValueAsync("""servimon_predict_samples_dropped_total{reason="not_finite"}""") > 0);
        Assert.True(await ValueAsync("""servimon_predict_samples_dropped_total{reason="unknown_series"}""") > 0);
        Assert.Equal(1, await ValueAsync("servimon_predict_ingest_up"));
        Assert.True(await ValueAsync("""servimon_predict_consumer_lag_messages{topic="metrics", partition="0"}""") >= 0);
    }

    private async Task<double> ValueAsync(string expression)
    {
        var series = await stack.Prometheus.QueryAsync(expression);
        Assert.True(series.Count == 1, $"{expression}: {series.Count} series");
        return series[0].Value;
    }
}
