using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Testing.Stores;

/// <summary>What every log store must do.</summary>
public abstract class LogStoreContract
{
    private const string Fleet = "host";

    /// <summary>The store of this test, empty when the test starts.</summary>
    protected abstract ILogStore Log { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Predictions_are_kept_as_first_given_and_read_in_order()
    {
        LoggedPrediction[] given = [Prediction("b", 1, "m1", 0.1 + 0.2), Prediction("a", 1, "m1", 1e-17), Prediction("a", 0, "m2", double.NaN)];
        Assert.Equal(3, await Log.AppendPredictionsAsync(Fleet, given, Ct));
        Assert.Equal(1, await Log.AppendPredictionsAsync(Fleet, [Prediction("a", 1, "m1", 0.9), Prediction("a", 1, "m2", 0.9)], Ct));
        var read = await Predictions(new LogQuery { Profile = Fleet });
        Assert.Equal([("a", 0, "m2"), ("a", 1, "m1"), ("a", 1, "m2"), ("b", 1, "m1")], read.Select(p => (p.Asset, (int)(p.Time - At(0)).TotalHours, p.ModelId)));
        AssertSame(given[1], read[1]);
        AssertSame(given[0], read[3]);
        AssertSame(given[2], read[0]);
    }

    [Fact]
    public async Task Predictions_are_chosen_by_asset_time_and_model()
    {
        await Log.AppendPredictionsAsync(Fleet, [.. from hour in Enumerable.Range(0, 4) from asset in new[] { "a", "b" } from model in new[] { "m1", "m2" } select Prediction(asset, hour, model, 0.5)], Ct);
        Assert.Equal(8, (await Predictions(new LogQuery { Profile = Fleet, Assets = ["a"] })).Count);
        Assert.Equal(8, (await Predictions(new LogQuery { Profile = Fleet, From = At(1), To = At(3) })).Count);
        var one = Assert.Single(await Predictions(new LogQuery { Profile = Fleet, Assets = ["b", "none"], From = At(3), ModelId = "m2" }));
        Assert.Equal(("b", At(3), "m2"), (one.Asset, one.Time, one.ModelId));
        Assert.Empty(await Predictions(new LogQuery { Profile = "other" }));
    }

    [Fact]
    public async Task A_later_outcome_wins()
    {
        var outcome = new LoggedOutcome("a", At(1), "m1", TimeSpan.FromMinutes(15), false, At(2));
        Assert.Equal(new AppendCount(2, 0), await Log.AppendOutcomesAsync(Fleet, [outcome with { Horizon = TimeSpan.FromHours(1) }, outcome], Ct));
        Assert.Equal(new AppendCount(0, 1), await Log.AppendOutcomesAsync(Fleet, [outcome with { Happened = true, Resolved = At(3) }], Ct));
        var read = new List<LoggedOutcome>();
        await foreach (var o in Log.ReadOutcomesAsync(new LogQuery { Profile = Fleet, Assets = ["a"] }, Ct)) read.Add(o);
        Assert.Equal([outcome with { Happened = true, Resolved = At(3) }, outcome with { Horizon = TimeSpan.FromHours(1) }], read);
    }

    [Fact]
    public async Task Retention_removes_predictions_before_the_cutoff()
    {
        await Log.AppendPredictionsAsync(Fleet, [Prediction("a", 0, "m", 0.5), Prediction("a", 1, "m", 0.5), Prediction("a", 2, "m", 0.5)], Ct);
        Assert.Equal(1, await Log.DeleteBeforeAsync(Fleet, At(1), Ct));
        Assert.Equal(2, (await Predictions(new LogQuery { Profile = Fleet })).Count);
    }

    [Fact]
    public async Task States_of_a_scope_are_put_together_and_replaced()
    {
        await Log.PutStatesAsync("host/0", [State("offsets", 1), State("a", 2)], Ct);
        await Log.PutStatesAsync("host/0", [State("offsets", 3), State("b", 4)], Ct);
        await Log.PutStatesAsync("host/1", [State("offsets", 9)], Ct);
        Assert.Equal([("a", 2), ("b", 4), ("offsets", 3)], await States("host/0"));
        Assert.Equal([3, 255], (await Log.FindStateAsync("host/0", "offsets", Ct))!.Body.ToArray());
        Assert.Null(await Log.FindStateAsync("host/0", "none", Ct));
        Assert.Equal(1, await Log.DeleteStatesAsync("host/0", ["a", "none"], Ct));
        Assert.Equal([("b", 4), ("offsets", 3)], await States("host/0"));
        Assert.Equal(2, await Log.DeleteStatesAsync("host/0", null, Ct));
        Assert.Empty(await States("host/0"));
        Assert.Equal([("offsets", 9)], await States("host/1"));
    }

    [Fact]
    public async Task States_that_are_read_while_others_are_put_are_of_one_moment()
    {
        await Log.PutStatesAsync("s", Both(0), Ct);
        var writing = Task.Run(async () =>
        {
            for (byte i = 1; i < 100; i++) await Log.PutStatesAsync("s", Both(i), Ct);
        }, Ct);
        while (!writing.IsCompleted) Assert.Single((await States("s")).Select(s => s.Value).Distinct());
        await writing;

        static StateSnapshot[] Both(byte value) => [State("a", value), State("offsets", value)];
    }

    [Fact]
    public async Task A_scope_or_profile_without_a_name_has_nothing()
    {
        Assert.Empty(await States(""));
        Assert.Null(await Log.FindStateAsync("", "a", Ct));
        Assert.Empty(await Predictions(new LogQuery { Profile = "" }));
    }

    [Fact]
    public async Task Audit_lines_come_in_order_of_time_and_are_never_lost()
    {
        AuditLine[] lines = [new(At(2), "ann", "promote", "m1", "gate passed"), new(At(1), "bob", "rollback", "m2", ""), new(At(2), "ann", "promote", "m1", "gate passed")];
        foreach (var line in lines) await Log.AppendAuditAsync(line, Ct);
        var read = new List<AuditLine>();
        await foreach (var line in Log.ReadAuditAsync(ct: Ct)) read.Add(line);
        Assert.Equal([lines[1], lines[0], lines[2]], read);
        read.Clear();
        await foreach (var line in Log.ReadAuditAsync(At(1), At(2), Ct)) read.Add(line);
        Assert.Equal([lines[1]], read);
    }

    private static LoggedPrediction Prediction(string asset, int hour, string model, double probability)
    {
        var ready = !double.IsNaN(probability);
        HorizonProbability[] horizons = ready ? [new(TimeSpan.FromMinutes(15), probability / 2), new(TimeSpan.FromHours(1), probability)] : [];
        return new LoggedPrediction(asset, At(hour), model, ready ? PredictionState.Ready : PredictionState.Stale, PredictionBasis.Learned,
            ulong.MaxValue - (ulong)hour, horizons, "{\"pressure\":1}", At(hour).AddSeconds(1));
    }

    private static void AssertSame(LoggedPrediction expected, LoggedPrediction actual)
    {
        Assert.Equal(expected.Probabilities, actual.Probabilities);
        Assert.Equal(expected with { Probabilities = [] }, actual with { Probabilities = [] });
    }

    private async Task<List<LoggedPrediction>> Predictions(LogQuery query)
    {
        var all = new List<LoggedPrediction>();
        await foreach (var prediction in Log.ReadPredictionsAsync(query, Ct)) all.Add(prediction);
        return all;
    }

    private async Task<List<(string Key, int Value)>> States(string scope)
    {
        var all = new List<(string, int)>();
        await foreach (var state in Log.ReadStatesAsync(scope, Ct)) all.Add((state.Key, state.Body.Span[0]));
        return all;
    }

    private static StateSnapshot State(string key, byte value) => new(key, new byte[] { value, 255 });

    private static DateTimeOffset At(int hour) => new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hour);
}
