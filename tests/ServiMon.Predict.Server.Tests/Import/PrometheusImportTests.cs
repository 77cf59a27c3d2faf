using System.Globalization;
using System.Net;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Import;

/// <summary>An import from a server that fails as servers do. The waits are those of a clock that does not wait.</summary>
public sealed class PrometheusImportTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Profile Profile = ProfileReader.Parse(
        "profile: pump\nstep: 1m\nhorizons: [1h]\nidentity: [host]\nmetrics:\n  temp: {kind: gauge, group: pressure}\n  done_total: {kind: gauge, group: throughput}\n", "pump.yaml");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failures_that_pass_are_waited_out_and_nothing_is_lost()
    {
        var failures = 0;
        using var server = new FakePrometheus(request => Ask(request, () => failures++ switch
        {
            0 => (503, "{}"),
            1 => (429, "{}"),
            2 => (200, """{"status":"success","data":{"resultType":"matrix","result":["""),
            _ => null,
        }));
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var done = await Import(server, store).RunAsync(Profile, Start, Start.AddMinutes(59), false, null, Ct);

        Assert.Equal((new AppendCount(120, 0), 2, 3), (done.Rows, done.AssetCount, done.RetryCount));
        Assert.Equal(240, done.ValueCount);
        Assert.Contains("1 series left out: unknown_series", done.Notes);
        Assert.Contains("done_total is a counter in Prometheus and a gauge in the profile: state its kind there", done.Notes);
        var rows = await store.History.ReadAsync(new HistoryQuery { Profile = "pump", Assets = ["b"] }, Ct).SingleAsync(Ct);
        Assert.Equal(["temp", "done_total"], rows.Metrics);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => Start.AddMinutes(i).UtcTicks), rows.Ticks);
        Assert.Equal(7, rows.Row(7)[0]);
        Assert.Contains(server.Asked, a => WebUtility.UrlDecode(a).Contains("last_over_time({__name__=\"temp\"}[59999ms])", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_import_goes_on_where_it_was_interrupted_and_asks_for_no_time_twice()
    {
        var isDown = true;
        using var server = new FakePrometheus(request =>
            isDown && QueryOf(request, "start") is { } start && request.RawUrl!.Contains("query_range", StringComparison.Ordinal) && start >= Start.AddDays(3) ? (502, "") : Ask(request, () => null));
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var end = Start.AddDays(20);
        var error = await Assert.ThrowsAsync<IOException>(() => Import(server, store).RunAsync(Profile, Start, end, false, null, Ct));
        Assert.EndsWith("no answer after 4 tries: HTTP 502", error.Message, StringComparison.Ordinal);
        var before = await CountAsync(store);
        Assert.InRange(before, 1, 2 * 20 * 1440);

        isDown = false;
        server.Asked.Clear();
        var resumed = await Import(server, store).RunAsync(Profile, Start.AddHours(1), end, false, null, Ct);
        Assert.Contains(resumed.Notes, n => n.StartsWith("goes on at 2024-01-07T", StringComparison.Ordinal));
        Assert.Equal(0, resumed.Rows.Replaced);
        Assert.Equal(2 * (20 * 1440 + 1), await CountAsync(store));
        // Another day later only the new day is asked for.
        var next = await Import(server, store).RunAsync(Profile, Start, end.AddDays(1), false, null, Ct);
        Assert.Equal(new AppendCount(2 * 1440, 0), next.Rows);
        var again = await Import(server, store).RunAsync(Profile, Start, end, true, null, Ct);
        Assert.Equal(new AppendCount(0, 2 * (20 * 1440 + 1)), again.Rows);
    }

    [Fact]
    public async Task A_query_that_asks_for_too_much_is_made_smaller()
    {
        using var server = new FakePrometheus(request =>
            request.RawUrl!.Contains("query_range", StringComparison.Ordinal) && QueryOf(request, "end") - QueryOf(request, "start") > TimeSpan.FromHours(3)
                ? (422, """{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}""") : Ask(request, () => null));
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var done = await Import(server, store).RunAsync(Profile, Start, Start.AddDays(2), false, null, Ct);
        Assert.Equal(2 * (2 * 1440 + 1), done.Rows.Added);
    }

    [Theory]
    [InlineData(401, "{}", "refuses access (HTTP 401)")]
    [InlineData(400, """{"status":"error","error":"bad match"}""", "refuses the query (HTTP 400): bad match")]
    [InlineData(404, "<html>", "answers HTTP 404 and no JSON: is it the address of a Prometheus?")]
    [InlineData(200, """{"status":"success","data":[]}""", "none of its metrics is in Prometheus")]
    [InlineData(200, """{"status":"success","data":[{"__name__":"temp","node":"a"}]}""", "no series has the labels that name an asset, host (identity in the profile); there are __name__, node")]
    public async Task What_waiting_does_not_mend_is_wrong_input(int status, string body, string expected)
    {
        using var server = new FakePrometheus(_ => (status, body));
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var error = await Assert.ThrowsAsync<InputException>(() => Import(server, store).RunAsync(Profile, Start, Start.AddHours(1), false, null, Ct));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(await store.History.ListAssetsAsync("pump", Ct));
    }

    [Fact]
    public async Task No_server_at_all_is_told_after_the_last_try()
    {
        Uri url;
        using (var server = new FakePrometheus(_ => (200, ""))) url = server.Url;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var import = new PrometheusImport(store.History, store.Log, new PrometheusOptions { Url = url, Tries = 2 }, new HastyClock(), 1);
        var error = await Assert.ThrowsAsync<IOException>(() => import.RunAsync(Profile, Start, Start.AddHours(1), false, null, Ct));
        Assert.StartsWith($"{url}: no answer after 2 tries: ", error.Message, StringComparison.Ordinal);
    }

    private static PrometheusImport Import(FakePrometheus server, EmbeddedStore store) =>
        new(store.History, store.Log, new PrometheusOptions { Url = server.Url, Tries = 4, RequestsPerSecond = 1000 }, new HastyClock(), 1);

    private static async Task<long> CountAsync(EmbeddedStore store) => (await store.History.ListAssetsAsync("pump", Ct)).Sum(a => a.RowCount);

    /// <summary>A server of two assets with a value each minute, and a series that names none; range queries may be answered otherwise first.</summary>
    private static (int, string) Ask(HttpListenerRequest request, Func<(int, string)?> first)
    {
        var path = request.Url!.AbsolutePath;
        if (path.EndsWith("/metadata", StringComparison.Ordinal)) return FakePrometheus.Success("""{"done_total":[{"type":"counter"}],"temp":[{"type":"gauge"}]}""");
        if (path.EndsWith("/series", StringComparison.Ordinal))
            return FakePrometheus.Success(request.QueryString["match[]"]!.Contains("temp", StringComparison.Ordinal)
                ? """[{"__name__":"temp","host":"a"},{"__name__":"temp","host":"b"},{"__name__":"temp"}]""" : """[{"__name__":"done_total","host":"a"},{"__name__":"done_total","host":"b"}]""");
        if (first() is { } other) return other;
        var (from, to) = (QueryOf(request, "start")!.Value, QueryOf(request, "end")!.Value);
        var points = new List<string>();
        for (var at = from; at <= to; at = at.AddMinutes(1))
            points.Add(string.Create(CultureInfo.InvariantCulture, $"[{at.ToUnixTimeSeconds()},\"{(at - Start).TotalMinutes}\"]"));
        var values = string.Join(',', points);
        return FakePrometheus.Success($$"""{"resultType":"matrix","result":[{"metric":{"host":"a"},"values":[{{values}}]},{"metric":{"host":"b"},"values":[{{values}}]},{"metric":{},"values":[{{values}}]}]}""");
    }

    private static DateTimeOffset? QueryOf(HttpListenerRequest request, string name) => request.QueryString[name] is { } text
        ? DateTimeOffset.FromUnixTimeMilliseconds((long)(1000 * double.Parse(text, CultureInfo.InvariantCulture))) : null;

    /// <summary>A clock on which every wait is over at once.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
    }
}
