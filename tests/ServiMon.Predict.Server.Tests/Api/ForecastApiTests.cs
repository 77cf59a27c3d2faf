using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Api;

public sealed class ForecastApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        // The temperature climbs from 40 by 0.1 a minute with some noise: it meets its limit of 100 after 600 minutes. A flow of 7.
        var random = new Random(1);
        long[] ticks = [.. Enumerable.Range(0, 500).Select(m => RampFleet.Start.AddMinutes(m).UtcTicks)];
        double[] values = [.. Enumerable.Range(0, 500).SelectMany(m => new[] { 40 + 0.1 * m + random.NextDouble(), 7.0 + random.NextDouble() })];
        await _host.Store.History.AppendAsync("pump", [new AssetRows("pump-1", ["temperature", "flow"], ticks, values)], Token);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_forecast_goes_on_where_the_history_ends()
    {
        var forecast = await _host.Forecasts.ForecastMetricAsync(new()
        {
            Profile = "pump", Asset = "pump-1", Metric = "temperature", Horizon = Duration.FromTimeSpan(TimeSpan.FromMinutes(60)), Level = 0.9,
        });
        Assert.Equal((60, 0.9, RampFleet.Start.AddMinutes(499).ToWire()), (forecast.Steps.Count, forecast.Level, forecast.LastTime));
        Assert.Equal(RampFleet.Start.AddMinutes(500).ToWire(), forecast.Steps[0].Time);
        Assert.All(forecast.Steps, s => Assert.True(s.Lower <= s.Median && s.Median <= s.Upper));
        Assert.InRange(forecast.Steps[59].Median, 93, 100);
        Assert.Equal(30, (await _host.Forecasts.ForecastMetricAsync(new() { Profile = "pump", Asset = "pump-1", Metric = "flow" })).Steps.Count);
    }

    [Fact]
    public async Task The_breach_probability_grows_with_the_horizon_and_uses_the_profiles_limit()
    {
        var request = new V1.EstimateBreachRequest { Profile = "pump", Asset = "pump-1", Metric = "temperature" };
        foreach (var minutes in new[] { 240, 5, 60 }) request.Horizons.Add(Duration.FromTimeSpan(TimeSpan.FromMinutes(minutes)));
        var breach = await _host.Forecasts.EstimateBreachAsync(request);

        Assert.Equal((100.0, V1.BreachSide.Above), (breach.Limit, breach.Side));
        Assert.Equal([300, 3600, 14400], breach.Breaches.Select(b => b.Horizon.Seconds));
        Assert.Equal(0, breach.Breaches[0].Probability, 0.02);
        Assert.Equal(1, breach.Breaches[2].Probability, 0.05);
        Assert.InRange(breach.Breaches[1].Probability, breach.Breaches[0].Probability, breach.Breaches[2].Probability);
        Assert.All(breach.Breaches, b => Assert.InRange(b.StandardError, 1e-6, 0.009));
        Assert.Equal(breach, await _host.Forecasts.EstimateBreachAsync(request));

        var low = await _host.Forecasts.EstimateBreachAsync(new() { Profile = "pump", Asset = "pump-1", Metric = "flow", Limit = 0, Side = V1.BreachSide.Below });
        Assert.Equal((0.0, V1.BreachSide.Below), (low.Breaches[^1].Probability, low.Side));
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        Assert.Equal(["limit"], await ApiHost.FieldsOf(async () => await _host.Forecasts.EstimateBreachAsync(new() { Profile = "pump", Asset = "pump-1", Metric = "flow" })));
        Assert.Equal(["level", "horizon"], await ApiHost.FieldsOf(async () => await _host.Forecasts.ForecastMetricAsync(
            new() { Profile = "pump", Asset = "pump-1", Metric = "flow", Level = 2, Horizon = new Duration { Seconds = 1, Nanos = -5 } })));
        Assert.Equal(["horizon"], await ApiHost.FieldsOf(async () => await _host.Forecasts.ForecastMetricAsync(
            new() { Profile = "pump", Asset = "pump-1", Metric = "flow", Horizon = Duration.FromTimeSpan(TimeSpan.FromDays(30)) })));
        Assert.Equal("ASSET_NOT_FOUND", (await ApiHost.FailureOf(async () => await _host.Forecasts.ForecastMetricAsync(new() { Profile = "pump", Asset = "pump-2", Metric = "flow" }))).Reason);
        var metric = await ApiHost.FailureOf(async () => await _host.Forecasts.ForecastMetricAsync(new() { Profile = "pump", Asset = "pump-1", Metric = "temprature" }));
        Assert.Equal("there is no metric 'temprature'; nearest: temperature", metric.Status.Message);
        await _host.Store.History.AppendAsync("pump", [new AssetRows("new", ["flow"], [RampFleet.Start.UtcTicks], [1])], Token);
        Assert.Equal("NOT_ENOUGH_HISTORY", (await ApiHost.FailureOf(async () => await _host.Forecasts.ForecastMetricAsync(new() { Profile = "pump", Asset = "new", Metric = "flow" }))).Reason);
    }

    [Fact]
    public async Task Counters_are_forecast_as_rates_and_what_is_left_meets_zero()
    {
        // 3 a second with a reset, and a disk that loses 10 of its 1000 free bytes a step.
        long[] ticks = [.. Enumerable.Range(0, 80).Select(i => RampFleet.Start.AddSeconds(10 * i).UtcTicks)];
        double[] values = [.. Enumerable.Range(0, 80).SelectMany(i => new[] { 30.0 * (i % 50), 1000 - 10 * i, 1000 })];
        await _host.Store.History.AppendAsync("kafka-broker", [new AssetRows("b", ["requests_total", "disk_free_bytes", "disk_total_bytes"], ticks, values)], Token);

        var rate = await _host.Forecasts.ForecastMetricAsync(new() { Profile = "kafka-broker", Asset = "b", Metric = "requests_total" });
        Assert.Equal(3, rate.Steps[0].Median, 0.3);
        var breach = await _host.Forecasts.EstimateBreachAsync(new()
        {
            Profile = "kafka-broker", Asset = "b", Metric = "disk_free_bytes", Limit = 0, Side = V1.BreachSide.Below,
            Horizons = { Duration.FromTimeSpan(TimeSpan.FromSeconds(50)), Duration.FromTimeSpan(TimeSpan.FromSeconds(600)) },
        });
        Assert.Equal([0.0, 1.0], breach.Breaches.Select(b => Math.Round(b.Probability, 1)));
    }

    [Fact]
    public async Task Detection_answers_every_row_in_its_place()
    {
        var random = new Random(3);
        var request = new V1.DetectSeriesRequest();
        for (var i = 0; i < 400; i++)
            request.Rows.Add(new V1.SeriesRow { Time = RampFleet.Start.AddMinutes(i).ToWire(), Value = random.NextDouble() + (i == 300 ? 50 : 0) });
        request.Rows[100].ClearValue();
        request.Rows[200].Time = request.Rows[199].Time;
        request.Rows[201].Time = request.Rows[10].Time;
        var response = await _host.Forecasts.DetectSeriesAsync(request);

        Assert.Equal((400, 1, 1, 1), (response.Detections.Count, response.MissingCount, response.DuplicateCount, response.LateCount));
        Assert.Equal(V1.Verdict.Spike, response.Detections[300].Verdict);
        Assert.All(response.Detections, d => Assert.InRange(d.PValue, double.Epsilon, 1));
        request.Rows[7].Time = null;
        Assert.Equal(["rows[7].time"], await ApiHost.FieldsOf(async () => await _host.Forecasts.DetectSeriesAsync(request)));
    }

    [Fact]
    public async Task A_computation_whose_deadline_passes_is_answered_so_and_one_without_a_slot_may_ask_again()
    {
        await using var narrow = await ApiHost.StartAsync(options: new ApiOptions { ComputeSlots = 1, ComputeWait = TimeSpan.Zero });
        var request = new V1.DetectSeriesRequest();
        for (var i = 0; i < 100_000; i++) request.Rows.Add(new V1.SeriesRow { Time = RampFleet.Start.AddSeconds(i).ToWire(), Value = i % 17 });
        var many = Enumerable.Range(0, 6).Select(_ => narrow.Forecasts.DetectSeriesAsync(request, cancellationToken: Token).ResponseAsync).ToList();
        var failures = new List<RpcException>();
        foreach (var call in many)
        {
            try
            {
                await call;
            }
            catch (RpcException e)
            {
                failures.Add(e);
            }
        }
        Assert.InRange(failures.Count, 1, 5);
        Assert.All(failures, f => Assert.Equal("NO_FREE_SLOT", f.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason));

        var late = await Assert.ThrowsAsync<RpcException>(async () => await narrow.Forecasts.DetectSeriesAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(5)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }
}
