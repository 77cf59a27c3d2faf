using Grpc.Core;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

public sealed class SampleApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static V1.SampleBatch Batch() => new()
    {
        Profile = "pump", Asset = "pump-1", Metrics = { "temperature", "flow" }, BaseTimeUnixNanos = 1_704_067_200_000_000_000,
        TimeOffsetNanos = { 0, 0, 60_000_000_000, -1 }, MetricIndex = { 0, 1, 0, 1 }, Value = { 41, 7, double.NaN, -0.0 },
    };

    [Fact]
    public async Task Batches_reach_the_intake_as_they_were_sent_and_the_receipt_comes_back()
    {
        IReadOnlyList<V1.SampleBatch>? taken = null;
        _host.Intake = (request, _) =>
        {
            taken = [.. request.Batches];
            return Task.FromResult(new SampleReceipt(2, new Dictionary<string, long> { ["not_finite"] = 1, ["late"] = 1 }));
        };
        var response = await _host.Samples.PushSamplesAsync(new() { Batches = { Batch() } });

        Assert.Equal([Batch()], taken);
        Assert.Equal(2, response.AcceptedCount);
        Assert.Equal([("late", 1), ("not_finite", 1)], response.Dropped.Select(d => (d.Reason, d.Count)));
    }

    [Fact]
    public async Task Batches_that_do_not_hold_together_never_reach_the_intake()
    {
        _host.Intake = (_, _) => throw new InvalidOperationException("not to be called");
        var crooked = Batch();
        crooked.TimeOffsetNanos.Add(1);
        crooked.MetricIndex[2] = 2;
        crooked.Asset = "";
        Assert.Equal(["batches[1].asset", "batches[1].time_offset_nanos", "batches[1].metric_index"],
            await ApiHost.FieldsOf(async () => await _host.Samples.PushSamplesAsync(new() { Batches = { Batch(), crooked } })));
        Assert.Equal(["batches"], await ApiHost.FieldsOf(async () => await _host.Samples.PushSamplesAsync(new())));
        var unknown = Batch();
        unknown.Profile = "pumq";
        Assert.Equal("PROFILE_NOT_FOUND", (await ApiHost.FailureOf(async () => await _host.Samples.PushSamplesAsync(new() { Batches = { unknown } }))).Reason);
    }

    public static TheoryData<Exception, StatusCode, string, int?> Troubles() => new()
    {
        { new OverloadException("the queue is full", TimeSpan.FromSeconds(3)), StatusCode.ResourceExhausted, "OVERLOADED", 3 },
        { new StoreException(StoreFault.Locked, "servimon.db is locked"), StatusCode.Unavailable, "STORE_LOCKED", 1 },
        { new StoreException(StoreFault.Full, "the disk is full"), StatusCode.ResourceExhausted, "STORE_FULL", 30 },
        { new StoreException(StoreFault.Unavailable, "cannot be opened"), StatusCode.Unavailable, "STORE_UNAVAILABLE", 30 },
        { new StoreException(StoreFault.Damaged, "block 7 is damaged"), StatusCode.DataLoss, "STORE_DAMAGED", null },
        { new StoreException(StoreFault.ReadOnly, "read only"), StatusCode.FailedPrecondition, "STORE_READ_ONLY", null },
        { new InvalidOperationException("secret insides"), StatusCode.Internal, "INTERNAL", null },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Troubles_have_their_status_and_when_to_ask_again(Exception trouble, StatusCode expected, string reason, int? retrySeconds)
    {
        _host.Intake = (_, _) => throw trouble;
        var failure = await ApiHost.FailureOf(async () => await _host.Samples.PushSamplesAsync(new() { Batches = { Batch() } }));
        Assert.Equal((expected, reason), (failure.Code, failure.Reason));
        Assert.Equal(retrySeconds, (int?)failure.Status.GetDetail<Google.Rpc.RetryInfo>()?.RetryDelay.Seconds);
        Assert.DoesNotContain("secret", failure.Status.Message);
    }

    [Fact]
    public async Task A_call_without_a_deadline_has_the_servers()
    {
        await using var strict = await ApiHost.StartAsync(options: new ApiOptions { UnaryLimit = TimeSpan.FromMilliseconds(200) });
        strict.Intake = async (_, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            return new SampleReceipt(0, new Dictionary<string, long>());
        };
        var (code, reason, status) = await ApiHost.FailureOf(async () => await strict.Samples.PushSamplesAsync(new() { Batches = { Batch() } }));
        Assert.Equal((StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"), (code, reason));
        Assert.Equal("no answer within 0.2 s, the limit for calls without a deadline", status.Message);
        var json = await strict.Http.PostAsync(new Uri("/v1/samples:push", UriKind.Relative), new StringContent(
            """{"series":[{"metric":"flow","labels":{"asset":"a"}}]}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.GatewayTimeout, json.StatusCode);
    }

    [Fact]
    public async Task The_deadline_reaches_the_intake()
    {
        var stopped = new TaskCompletionSource();
        _host.Intake = async (_, ct) =>
        {
            ct.Register(stopped.SetResult);
            await Task.Delay(Timeout.Infinite, ct);
            return new SampleReceipt(0, new Dictionary<string, long>());
        };
        var late = await Assert.ThrowsAsync<RpcException>(async () => await _host.Samples.PushSamplesAsync(
            new() { Batches = { Batch() } }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
