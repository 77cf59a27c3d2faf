using Google.Protobuf.WellKnownTypes;
using Prometheus;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Telemetry;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

public sealed class BreachWatchTests : IAsyncLifetime
{
    private const int Rows = 600;

    private static readonly LiveProfile Pump = new(new EvidenceModel(ProfileReader.Parse("""
        profile: pump
        step: 1m
        horizons: [10m, 1h, 4h]
        metrics:
          temperature: {kind: gauge, group: pressure, limit: {constant: 100}}
          free: {kind: gauge, group: pressure, limit: {metric: size, remaining: true}}
          size: {kind: static, group: pressure}
          flow: {kind: gauge, group: throughput}
        """, "pump.yaml")), null, "");

    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        foreach (var asset in new[] { "pump-1", "pump-2" })
        {
            // The temperature climbs to 94 and meets 100 an hour later; free space stays far from nothing.
            var random = new Random(1);
            long[] ticks = [.. Enumerable.Range(0, Rows).Select(m => RampFleet.Start.AddMinutes(m).UtcTicks)];
            double[] values = [.. Enumerable.Range(0, Rows).SelectMany(m => new[] { 34 + 0.1 * m + random.NextDouble(), 500 + random.NextDouble(), 1000, 7.0 })];
            await _host.Store.History.AppendAsync("pump", [new AssetRows(asset, ["temperature", "free", "size", "flow"], ticks, values)], Token);
            Put(asset, PredictionState.Ready, Rows - 1);
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private void Put(string asset, PredictionState state, int minute) => _host.Board.Put(new AssetPrediction
    {
        Key = new AssetKey("pump", asset), Time = RampFleet.Start.AddMinutes(minute), Given = RampFleet.Start, State = state,
        Probabilities = state == PredictionState.Ready ? [new HorizonProbability(TimeSpan.FromMinutes(10), 0.1)] : [],
    });

    private BreachWatch Watch(int perSecond = 100, int perAsset = 3) =>
        new(_host.Board, name => name == "pump" ? Pump : null, _host.Store.History, new BreachOptions(perSecond, perAsset), TimeProvider.System);

    [Fact]
    public async Task Metrics_with_a_limit_have_breach_probabilities_which_are_those_of_the_forecast_service()
    {
        var watch = Watch();
        await watch.RoundAsync(Token);
        var breaches = watch.Find(new AssetKey("pump", "pump-1"))!;
        Assert.Equal(["temperature", "free"], breaches.Metrics.Select(m => m.Metric));
        Assert.Equal((4, 0), (watch.Estimates, watch.Waiting));
        var temperature = breaches.Metrics[0].Horizons;
        Assert.Equal(["10m", "1h", "4h"], temperature.Select(h => h.Horizon.Text));
        Assert.Equal(0, temperature[0].Estimate.Probability, 0.02);
        Assert.Equal(1, temperature[2].Estimate.Probability, 0.1);

        var asked = await _host.Forecasts.EstimateBreachAsync(new()
        {
            Profile = "pump", Asset = "pump-1", Metric = "temperature", Horizons = { temperature.Select(h => Duration.FromTimeSpan(h.Horizon.Span)) },
        });
        Assert.Equal(temperature.Select(h => (h.Estimate.Probability, h.Estimate.StandardError)), asked.Breaches.Select(b => (b.Probability, b.StandardError)));
        // Assets have paths of their own; the same asset and step have the same ones again.
        var again = Watch();
        await again.RoundAsync(Token);
        Assert.Equal(temperature, again.Find(new AssetKey("pump", "pump-1"))!.Metrics[0].Horizons);
        Assert.NotEqual(temperature, again.Find(new AssetKey("pump", "pump-2"))!.Metrics[0].Horizons);
    }

    [Fact]
    public async Task One_that_went_on_step_by_step_and_one_built_now_say_the_same()
    {
        var watch = Watch();
        await watch.RoundAsync(Token);
        var random = new Random(2);
        // More steps than lie between two fits; now and then several at once, or one without a value.
        for (var minute = Rows; minute < Rows + 2 * BreachForecast.StepsBetweenFits;)
        {
            var count = 1 + minute % 5;
            long[] ticks = [.. Enumerable.Range(minute, count).Select(m => RampFleet.Start.AddMinutes(m).UtcTicks)];
            double[] values = [.. Enumerable.Range(minute, count).SelectMany(m => new[] { m % 11 == 0 ? double.NaN : 94 + random.NextDouble(), 400, 1000, 7.0 })];
            await _host.Store.History.AppendAsync("pump", [new AssetRows("pump-1", ["temperature", "free", "size", "flow"], ticks, values)], Token);
            minute += count;
            Put("pump-1", PredictionState.Ready, minute - 1);
            await watch.RoundAsync(Token);
            var asked = await _host.Forecasts.EstimateBreachAsync(new()
            {
                Profile = "pump", Asset = "pump-1", Metric = "temperature", Horizons = { Pump.Profile.Horizons.Select(h => Duration.FromTimeSpan(h.Span)) },
            });
            var told = watch.Find(new AssetKey("pump", "pump-1"))!.Metrics.Single(m => m.Metric == "temperature").Horizons;
            Assert.Equal(asked.Breaches.Select(b => b.Probability), told.Select(h => h.Estimate.Probability));
        }
        var again = Watch();
        await again.RoundAsync(Token);
        var key = new AssetKey("pump", "pump-1");
        Assert.Equal(watch.Find(key)!.Metrics.SelectMany(m => m.Horizons), again.Find(key)!.Metrics.SelectMany(m => m.Horizons));
    }

    [Fact]
    public async Task A_round_stays_within_its_budget_and_the_next_goes_on_where_it_ended()
    {
        var watch = Watch(perSecond: 1, perAsset: 1);
        await watch.RoundAsync(Token);
        Assert.Equal(1, watch.Waiting);
        Assert.Null(watch.Find(new AssetKey("pump", "pump-2")));
        await watch.RoundAsync(Token);
        Assert.Equal("temperature", Assert.Single(watch.Find(new AssetKey("pump", "pump-2"))!.Metrics).Metric);
        await watch.RoundAsync(Token);
        Assert.Equal((4, 0), (watch.Estimates, watch.Waiting));
    }

    [Fact]
    public async Task Only_ready_assets_have_gauges()
    {
        var watch = Watch();
        var registry = Metrics.NewCustomRegistry();
        _ = new BreachGauges(registry, _host.Board, watch, new GaugedAssets(_host.Board, 10));
        Put("pump-2", PredictionState.Stale, Rows - 1);
        await watch.RoundAsync(Token);
        var text = await TextAsync(registry);
        Assert.Contains("servimon_predict_breach_probability_ratio{profile=\"pump\",asset=\"pump-1\",metric=\"temperature\",horizon=\"4h\"} ", text);
        Assert.Contains("servimon_predict_breach_standard_error_ratio{profile=\"pump\",asset=\"pump-1\",metric=\"free\",horizon=\"10m\"} ", text);
        Assert.Contains("servimon_predict_breach_duration_seconds_count 2", text);
        Assert.DoesNotContain("pump-2", text);
        Put("pump-1", PredictionState.InIncident, Rows);
        Assert.DoesNotContain("pump-1", await TextAsync(registry));
    }

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream, Token);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
