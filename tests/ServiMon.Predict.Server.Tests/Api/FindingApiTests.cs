using System.Net.Http.Json;
using System.Text.Json;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Api;

/// <summary>Two days of a pump, a row a minute: its flow changes its level and has a spike after 2,500 minutes; its temperature is noise.</summary>
public sealed class FindingApiTests : IAsyncLifetime
{
    private const int Count = 2 * 24 * 60;

    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        var random = new Random(1);
        long[] ticks = [.. Enumerable.Range(0, Count).Select(m => At(m).UtcTicks)];
        double Noise() => random.NextDouble() + random.NextDouble() + random.NextDouble();
        double[] values = [.. Enumerable.Range(0, Count).SelectMany(m => new[] { 40 + Noise(), (m < 2500 ? 7 : 20) + Noise() + (m is 1000 or 2800 ? 90 : 0) })];
        await _host.Store.History.AppendAsync("pump", [new AssetRows("pump-1", ["temperature", "flow"], ticks, values)], Token);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_last_day_is_judged_by_what_came_before_it()
    {
        var told = await _host.Forecasts.ListFindingsAsync(new() { Profile = "pump", Asset = "pump-1" });
        Assert.Equal((1440, Count - 1440, 0), (told.StepCount, told.LearnedStepCount, told.OmittedCount));
        var change = Assert.Single(told.Findings, f => f.Kind == V1.FindingKind.Changepoint);
        Assert.Equal(("flow", At(2500).ToWire()), (change.Metric, change.LocationTime));
        Assert.InRange(change.Time.ToDateTimeOffset(), At(2507), At(2512));
        var spike = Assert.Single(told.Findings, f => f.Kind == V1.FindingKind.Spike && f.Time.Equals(At(2800).ToWire()));
        Assert.Equal("flow", spike.Metric);
        Assert.InRange(spike.Value, 110, 113);
        Assert.InRange(spike.PValue, 0, 0.1 / 1440);
        Assert.False(spike.HasShare);
        Assert.DoesNotContain(told.Findings, f => f.Time.ToDateTimeOffset() < At(1440));
        Assert.Equal(told.Findings.OrderBy(f => f.Time.ToDateTimeOffset()), told.Findings);
    }

    [Fact]
    public async Task A_span_is_told_as_it_was_known_then()
    {
        var all = await _host.Forecasts.ListFindingsAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = At(0).ToWire() });
        Assert.Equal((Count, 0), (all.StepCount, all.LearnedStepCount));
        var early = await _host.Forecasts.ListFindingsAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = At(900).ToWire(), EndTime = At(1100).ToWire() });
        Assert.Equal((200, 900), (early.StepCount, early.LearnedStepCount));
        Assert.Equal(all.Findings.Where(f => f.Time.ToDateTimeOffset() >= At(900) && f.Time.ToDateTimeOffset() < At(1100)), early.Findings);
        Assert.Contains(early.Findings, f => f.Kind == V1.FindingKind.Spike && f.Time.Equals(At(1000).ToWire()));
        var many = await _host.Forecasts.ListFindingsAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = At(0).ToWire(), FalseAlarmsPerDay = 200 });
        Assert.True(many.Findings.Count > all.Findings.Count + 50);
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        Assert.Equal(["false_alarms_per_day", "asset", "end_time", "profile"], await ApiHost.FieldsOf(async () => await _host.Forecasts.ListFindingsAsync(
            new() { FalseAlarmsPerDay = -1, StartTime = At(1).ToWire(), EndTime = At(0).ToWire() })));
        Assert.Equal("ASSET_NOT_FOUND", (await ApiHost.FailureOf(async () => await _host.Forecasts.ListFindingsAsync(new() { Profile = "pump", Asset = "pump-2" }))).Reason);
    }

    [Fact]
    public async Task An_asset_whose_name_is_a_path_is_asked_for_over_http_too()
    {
        var ticks = Enumerable.Range(0, 30).Select(m => At(m).UtcTicks).ToArray();
        await _host.Store.History.AppendAsync("pump", [new AssetRows("hall/pump-9", ["flow"], ticks, [.. ticks.Select(_ => 1.0)])], Token);
        var told = await _host.Http.GetFromJsonAsync<JsonElement>("/v1/profiles/pump/findings/hall/pump-9", Token);
        Assert.Equal(30, told.GetProperty("stepCount").GetInt32());
    }

    private static DateTimeOffset At(int minute) => RampFleet.Start.AddMinutes(minute);
}
