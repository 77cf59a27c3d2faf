using Grpc.Core;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Api;

public sealed class WatchTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_watch_sends_what_is_shown_then_changes_and_removals()
    {
        _host.Board.Put(PredictionBoardTests.Prediction("a/1", 0, profile: "pump"));
        _host.Board.Put(PredictionBoardTests.Prediction("b/1", 0, profile: "pump"));
        using var call = _host.Predictions.WatchPredictions(new() { Profile = "pump", AssetPrefix = "a/" }, cancellationToken: Token);

        Assert.Equal("a/1", (await Next(call)).Prediction.Asset);
        _host.Board.Put(PredictionBoardTests.Prediction("b/1", 1, profile: "pump"));
        _host.Board.Put(PredictionBoardTests.Prediction("a/2", 1, profile: "pump"));
        Assert.Equal("a/2", (await Next(call)).Prediction.Asset);
        _host.Board.Remove(new AssetKey("pump", "a/1"));
        Assert.Equal("a/1", (await Next(call)).Removed.Asset);
    }

    [Fact]
    public async Task Only_named_assets_are_watched()
    {
        using var call = _host.Predictions.WatchPredictions(new() { Assets = { "x", "y" } }, cancellationToken: Token);
        await call.ResponseHeadersAsync;
        foreach (var asset in new[] { "w", "x", "z", "y" }) _host.Board.Put(PredictionBoardTests.Prediction(asset, 1, profile: "pump"));
        Assert.Equal(["x", "y"], [(await Next(call)).Prediction.Asset, (await Next(call)).Prediction.Asset]);

        using var tooMany = _host.Predictions.WatchPredictions(new() { Assets = { Enumerable.Range(0, 1001).Select(i => $"a{i}") } }, cancellationToken: Token);
        Assert.Equal(["assets"], await ApiHost.FieldsOf(() => tooMany.ResponseStream.MoveNext(Token)));
    }

    [Fact]
    public async Task A_caller_that_does_not_read_costs_no_backlog_and_then_gets_the_newest()
    {
        const int assets = 50, steps = 4000;
        using var call = _host.Predictions.WatchPredictions(new(), cancellationToken: Token);
        await call.ResponseHeadersAsync;
        for (var step = 0; step < steps; step++)
        {
            for (var a = 0; a < assets; a++) _host.Board.Put(PredictionBoardTests.Prediction($"asset-with-a-rather-long-name-{a}", step, profile: "pump"));
            if (step % 100 == 0) await Task.Yield();
        }
        var last = new Dictionary<string, DateTimeOffset>();
        var received = 0;
        var newest = PredictionBoardTests.Prediction("a", steps - 1).Time;
        while (last.Count < assets || last.Values.Any(t => t < newest))
        {
            var prediction = (await Next(call)).Prediction;
            var time = prediction.Time.ToDateTimeOffset();
            Assert.True(!last.TryGetValue(prediction.Asset, out var before) || before <= time);
            last[prediction.Asset] = time;
            received++;
        }
        Assert.InRange(received, assets, assets * steps / 4);
    }

    [Fact]
    public async Task Subscriptions_are_bounded_and_free_again_when_the_caller_goes()
    {
        var calls = new List<AsyncServerStreamingCall<V1.WatchPredictionsResponse>>();
        for (var i = 0; i < 3; i++)
        {
            calls.Add(_host.Predictions.WatchPredictions(new(), cancellationToken: Token));
            await calls[i].ResponseHeadersAsync;
        }
        using var refused = _host.Predictions.WatchPredictions(new(), cancellationToken: Token);
        var (code, reason, status) = await ApiHost.FailureOf(() => refused.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.ResourceExhausted, "TOO_MANY_WATCHES"), (code, reason));
        Assert.Equal(5, status.GetDetail<Google.Rpc.RetryInfo>().RetryDelay.Seconds);

        foreach (var call in calls) call.Dispose();
        for (var i = 0; i < 1000 && _host.Board.WatchCount > 0; i++) await Task.Delay(10, Token);
        Assert.Equal(0, _host.Board.WatchCount);
    }

    [Fact]
    public async Task A_watch_ends_at_its_deadline()
    {
        using var call = _host.Predictions.WatchPredictions(new(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300), cancellationToken: Token);
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.DeadlineExceeded, thrown.StatusCode);
        for (var i = 0; i < 1000 && _host.Board.WatchCount > 0; i++) await Task.Delay(10, Token);
        Assert.Equal(0, _host.Board.WatchCount);
    }

    [Fact]
    public async Task A_service_that_ends_does_not_wait_for_those_who_watch_and_tells_them_to_come_again()
    {
        using var call = _host.Predictions.WatchPredictions(new(), cancellationToken: Token);
        await call.ResponseHeadersAsync;
        var stopping = _host.StopAsync();
        var (code, reason, status) = await ApiHost.FailureOf(() => call.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.Unavailable, "SHUTTING_DOWN"), (code, reason));
        Assert.Equal(5, status.GetDetail<Google.Rpc.RetryInfo>().RetryDelay.Seconds);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static async Task<V1.WatchPredictionsResponse> Next(AsyncServerStreamingCall<V1.WatchPredictionsResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext(Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        return call.ResponseStream.Current;
    }
}
