using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

public sealed class PredictionApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Get_gives_the_prediction_whole()
    {
        var shown = PredictionBoardTests.Prediction("cluster/pump-1", 3, 0.5, "pump") with { Drivers = [new Driver("pressure", 0.75, "temperature 6.1 sd above its baseline")], EvidenceDigest = 42 };
        _host.Board.Put(shown);
        var got = (await _host.Predictions.GetPredictionAsync(new() { Profile = "pump", Asset = "cluster/pump-1" })).Prediction;

        Assert.Equal(("pump", "cluster/pump-1", V1.PredictionState.Ready, V1.PredictionBasis.Learned), (got.Profile, got.Asset, got.State, got.Basis));
        Assert.Equal((shown.Time, shown.Given), (got.Time.ToDateTimeOffset(), got.GivenTime.ToDateTimeOffset()));
        Assert.Equal([(3600.0, 0.25), (21600.0, 0.5)], got.Probabilities.Select(p => (p.Horizon.ToTimeSpan().TotalSeconds, p.Probability)));
        Assert.Equal(("pressure", 0.75, "host-0123456789ab", 42ul), (got.Drivers[0].Group, got.Drivers[0].Share, got.ModelId, got.EvidenceDigest));

        _host.Board.Put(shown with { State = PredictionState.Stale, Probabilities = [], Drivers = [] });
        got = (await _host.Predictions.GetPredictionAsync(new() { Profile = "pump", Asset = "cluster/pump-1" })).Prediction;
        Assert.Equal((V1.PredictionState.Stale, V1.PredictionBasis.Unspecified, 0), (got.State, got.Basis, got.Probabilities.Count));
    }

    [Fact]
    public async Task An_unknown_asset_or_profile_is_not_found_with_the_nearest_names()
    {
        foreach (var asset in new[] { "pump-1", "pump-2", "pump-11", "mixer" }) _host.Board.Put(PredictionBoardTests.Prediction(asset, 0, profile: "pump"));
        _host.Board.Put(PredictionBoardTests.Prediction("pump-1x", 0, profile: "kafka-broker"));

        var (code, reason, status) = await ApiHost.FailureOf(async () => await _host.Predictions.GetPredictionAsync(new() { Profile = "pump", Asset = "pump-1x" }));
        Assert.Equal((StatusCode.NotFound, "ASSET_NOT_FOUND"), (code, reason));
        Assert.Equal("there is no asset 'pump-1x'; nearest: pump-1, pump-11, pump-2", status.Message);
        Assert.Equal("pump-1,pump-11,pump-2", status.GetDetail<Google.Rpc.ErrorInfo>().Metadata["nearest"]);
        Assert.Equal("pump-1x", status.GetDetail<Google.Rpc.ResourceInfo>().ResourceName);

        (code, reason, status) = await ApiHost.FailureOf(async () => await _host.Predictions.GetPredictionAsync(new() { Profile = "pomp", Asset = "pump-1" }));
        Assert.Equal((StatusCode.NotFound, "PROFILE_NOT_FOUND"), (code, reason));
        Assert.Contains("nearest: pump", status.Message);
    }

    [Fact]
    public async Task The_profile_may_be_left_out_while_the_name_tells_it()
    {
        _host.Board.Put(PredictionBoardTests.Prediction("a", 0, profile: "pump"));
        Assert.Equal("pump", (await _host.Predictions.GetPredictionAsync(new() { Asset = "a" })).Prediction.Profile);
        _host.Board.Put(PredictionBoardTests.Prediction("a", 0, profile: "kafka-broker"));
        var (code, _, status) = await ApiHost.FailureOf(async () => await _host.Predictions.GetPredictionAsync(new() { Asset = "a" }));
        Assert.Equal((StatusCode.InvalidArgument, "profile: is required: kafka-broker, pump have an asset 'a'"), (code, status.Message));
        Assert.Equal("kafka-broker", (await _host.Predictions.GetPredictionAsync(new() { Profile = "kafka-broker", Asset = "a" })).Prediction.Profile);
    }

    [Fact]
    public async Task Every_field_that_is_wrong_is_listed()
    {
        Assert.Equal(["asset"], await ApiHost.FieldsOf(async () => await _host.Predictions.GetPredictionAsync(new())));
        Assert.Equal(["page_size", "page_token", "min_probability", "states"], await ApiHost.FieldsOf(async () => await _host.Predictions.ListPredictionsAsync(
            new() { PageSize = 1001, PageToken = "nonsense", MinProbability = double.NaN, States = { (V1.PredictionState)99 } })));
        Assert.Equal(["page_size", "asset", "start_time", "profile"], await ApiHost.FieldsOf(async () => await _host.Predictions.ListPredictionHistoryAsync(
            new() { PageSize = -1, StartTime = new Timestamp { Seconds = long.MaxValue } })));
        Assert.Equal(["end_time"], await ApiHost.FieldsOf(async () => await _host.Predictions.ListPredictionHistoryAsync(
            new() { Profile = "pump", Asset = "a", StartTime = RampFleet.Start.ToWire(), EndTime = RampFleet.Start.ToWire() })));
    }

    [Fact]
    public async Task Pages_give_every_asset_once_in_order_though_others_come_and_go()
    {
        for (var i = 0; i < 25; i++) _host.Board.Put(PredictionBoardTests.Prediction($"p{i:00}", 0, i / 25.0, i % 2 == 0 ? "pump" : "kafka-broker"));
        var request = new V1.ListPredictionsRequest { PageSize = 4 };
        var seen = new List<string>();
        for (var page = 0; ; page++)
        {
            var response = await _host.Predictions.ListPredictionsAsync(request);
            seen.AddRange(response.Predictions.Select(p => $"{p.Profile} {p.Asset}"));
            Assert.True(response.Predictions.Count == 4 || response.NextPageToken.Length == 0);
            if (page == 1)
            {
                _host.Board.Remove(new AssetKey("kafka-broker", response.Predictions[^1].Asset));
                _host.Board.Put(PredictionBoardTests.Prediction("p00a", 0, profile: "kafka-broker"));
            }
            if (response.NextPageToken.Length == 0) break;
            request.PageToken = response.NextPageToken;
        }
        Assert.Equal(25, seen.Count);
        Assert.Equal(seen.Order(StringComparer.Ordinal).Distinct(), seen);

        request.Profile = "pump";
        Assert.Equal(["page_token"], await ApiHost.FieldsOf(async () => await _host.Predictions.ListPredictionsAsync(request)));
    }

    [Fact]
    public async Task Filters_hold_together()
    {
        for (var i = 0; i < 10; i++) _host.Board.Put(PredictionBoardTests.Prediction($"a/{i}", 0, i / 10.0, "pump"));
        _host.Board.Put(PredictionBoardTests.Prediction("b/1", 0, 0.9, "pump"));
        _host.Board.Put(PredictionBoardTests.Prediction("a/stale", 0, profile: "pump") with { State = PredictionState.Stale, Probabilities = [] });

        var likely = await _host.Predictions.ListPredictionsAsync(new() { Profile = "pump", AssetPrefix = "a/", MinProbability = 0.7 });
        Assert.Equal(["a/7", "a/8", "a/9"], likely.Predictions.Select(p => p.Asset));
        var stale = await _host.Predictions.ListPredictionsAsync(new() { States = { V1.PredictionState.Stale, V1.PredictionState.NoModel } });
        Assert.Equal(["a/stale"], stale.Predictions.Select(p => p.Asset));
        Assert.Equal("", stale.NextPageToken);
    }

    [Fact]
    public async Task History_is_told_as_it_was_known_with_what_came_of_it()
    {
        var start = RampFleet.Start;
        LoggedPrediction Logged(int minute, string model, int givenMinute) => new("pump-1", start.AddMinutes(minute), model, PredictionState.Ready, PredictionBasis.Learned, 7,
            [new HorizonProbability(TimeSpan.FromMinutes(10), 0.125)], "temperature", start.AddMinutes(givenMinute));
        await _host.Store.Log.AppendPredictionsAsync("pump", [.. Enumerable.Range(0, 7).Select(m => Logged(m, "m1", m)), Logged(3, "m2", 60), Logged(4, "m0", 4)], Token);
        await _host.Store.Log.AppendOutcomesAsync("pump", [new("pump-1", start.AddMinutes(1), "m1", TimeSpan.FromMinutes(10), true, start.AddMinutes(11)),
            new("pump-1", start.AddMinutes(2), "m1", TimeSpan.FromMinutes(10), false, start.AddMinutes(12))], Token);
        var request = new V1.ListPredictionHistoryRequest { Profile = "pump", Asset = "pump-1", PageSize = 3, KnownTime = start.AddMinutes(11).ToWire() };
        var seen = new List<V1.PastPrediction>();
        do
        {
            var response = await _host.Predictions.ListPredictionHistoryAsync(request);
            seen.AddRange(response.Predictions);
            request.PageToken = response.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["0 m1", "1 m1", "2 m1", "3 m1", "4 m0", "4 m1", "5 m1", "6 m1"], seen.Select(p => $"{(p.Prediction.Time.ToDateTimeOffset() - start).TotalMinutes} {p.Prediction.ModelId}"));
        var outcome = Assert.Single(seen.SelectMany(p => p.Outcomes));
        Assert.Equal((true, start.AddMinutes(11)), (outcome.Happened, outcome.ResolvedTime.ToDateTimeOffset()));
        Assert.Same(outcome, seen[1].Outcomes[0]);
        Assert.Equal((0.125, "temperature"), (seen[0].Prediction.Probabilities[0].Probability, seen[0].Detail));

        var all = await _host.Predictions.ListPredictionHistoryAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = start.AddMinutes(2).ToWire(), EndTime = start.AddMinutes(4).ToWire() });
        Assert.Equal(["m1", "m1", "m2"], all.Predictions.Select(p => p.Prediction.ModelId));
        Assert.Single(all.Predictions[0].Outcomes);
    }
}
