using System.Text;
using Prometheus;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Server.Telemetry;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Tests.Telemetry;

public sealed class AssetGaugesTests
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly PredictionBoard _board = new();

    [Fact]
    public async Task An_asset_that_is_not_ready_has_no_probability_and_one_that_is_gone_has_nothing()
    {
        Gauges(10);
        Put("a", PredictionState.Ready, 0.25);
        var text = await ScrapeAsync();
        Assert.Contains("servimon_predict_failure_probability_ratio{profile=\"broker\",asset=\"a\",horizon=\"30s\"} 0.25", text);
        Assert.Contains("servimon_predict_prediction_state{profile=\"broker\",asset=\"a\",state=\"ready\"} 1", text);
        Assert.Contains("servimon_predict_prediction_state{profile=\"broker\",asset=\"a\",state=\"stale\"} 0", text);
        Assert.Contains("servimon_predict_driver_share_ratio{profile=\"broker\",asset=\"a\",group=\"latency\"} 1", text);
        Assert.Equal(7, text.Split("prediction_state{").Length - 1);

        Put("a", PredictionState.Stale, double.NaN);
        text = await ScrapeAsync();
        Assert.DoesNotContain("horizon=", text);
        Assert.DoesNotContain("group=", text);
        Assert.Contains("asset=\"a\",state=\"stale\"} 1", text);
        Assert.Contains("asset=\"a\",state=\"ready\"} 0", text);

        _board.Remove(new AssetKey("broker", "a"));
        Assert.DoesNotContain("asset=", await ScrapeAsync());
    }

    [Fact]
    public async Task The_number_of_assets_is_bounded_and_the_bound_is_a_gauge()
    {
        Gauges(2);
        foreach (var asset in new[] { "c", "b", "a" }) Put(asset, PredictionState.Ready, 0.5);
        var text = await ScrapeAsync();
        Assert.Contains("asset=\"b\"", text);
        Assert.DoesNotContain("asset=\"c\"", text);
        Assert.Contains("servimon_predict_assets 3", text);
        Assert.Contains("servimon_predict_exported_assets 2", text);
        Assert.Contains("servimon_predict_exported_assets_limit 2", text);
        _board.Remove(new AssetKey("broker", "a"));
        Assert.Contains("asset=\"c\"", await ScrapeAsync());
    }

    [Fact]
    public async Task Where_there_are_more_assets_than_gauges_those_at_risk_have_them_and_keep_them()
    {
        Gauges(2);
        Put("a", PredictionState.Ready, 0.1);
        Put("b", PredictionState.Stale, double.NaN);
        Put("c", PredictionState.Ready, 0.4);
        Put("d", PredictionState.Ready, 0.5);
        Assert.Equal("cd", await ShownAsync());

        // A quarter more displaces, less does not.
        Put("a", PredictionState.Ready, 0.45);
        Assert.Equal("cd", await ShownAsync());
        Put("a", PredictionState.Ready, 0.55);
        Assert.Equal("ad", await ShownAsync());

        Put("b", PredictionState.InIncident, double.NaN);
        Assert.Equal("ab", await ShownAsync());

        async Task<string> ShownAsync()
        {
            var text = await ScrapeAsync();
            return string.Concat("abcd".Where(a => text.Contains($"asset=\"{a}\"", StringComparison.Ordinal)));
        }
    }

    private void Gauges(int most) => _ = new AssetGauges(_registry, _board, new GaugedAssets(_board, most), _ => LiveFleets.Profile.Horizons);

    private void Put(string asset, PredictionState state, double probability) => _board.Put(new AssetPrediction
    {
        Key = new AssetKey("broker", asset), Time = LiveFleets.Start, Given = LiveFleets.Start, State = state,
        Probabilities = double.IsNaN(probability) ? [] : [.. LiveFleets.Profile.Horizons.Select(h => new HorizonProbability(h.Span, probability))],
        Drivers = double.IsNaN(probability) ? [] : [new Driver("latency", 1, "")],
    });

    private async Task<string> ScrapeAsync()
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
