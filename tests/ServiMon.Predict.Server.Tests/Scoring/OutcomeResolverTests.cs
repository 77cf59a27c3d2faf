using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class OutcomeResolverTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-outcomes-").FullName;

    [Fact]
    public async Task Predictions_are_resolved_once_when_their_horizon_has_passed()
    {
        var ct = TestContext.Current.CancellationToken;
        using var store = EmbeddedStore.Open(_folder);
        await store.Log.AppendPredictionsAsync("broker", [.. Enumerable.Range(0, 60).Select(i => Prediction(i, i % 2 == 0))], ct);
        // Predictions of seconds 10 to 39 see it within 30 s, those of 0 to 39 within 60 s.
        var timeline = new Timeline([new Incident("a", LiveFleets.Start.AddSeconds(40), null, "")], []);
        var timelines = new Dictionary<string, Timeline> { ["a"] = timeline };
        var time = new FakeTimeProvider(LiveFleets.Start.AddSeconds(60));
        using var resolver = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);

        await resolver.ResolveAsync(ct);
        var first = await OutcomesAsync(store);
        Assert.Equal(Enumerable.Range(0, 30).Where(i => i % 2 == 0), first.Where(o => o.Horizon.TotalSeconds == 30).Select(Second));
        Assert.All(first.Where(o => o.Horizon.TotalSeconds == 30), o => Assert.Equal(Second(o) >= 10, o.Happened));
        Assert.DoesNotContain(first, o => o.Horizon.TotalSeconds == 60);

        time.Advance(TimeSpan.FromSeconds(100));
        // Another instance goes on where the first one was.
        using var second = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);
        await second.ResolveAsync(ct);
        var all = await OutcomesAsync(store);
        Assert.Equal(60, all.Count);
        Assert.Equal(20, all.Count(o => o.Horizon.TotalSeconds == 60 && o.Happened));
        Assert.Equal([15, 30], second.Scores.OrderBy(s => s.Horizon, StringComparer.Ordinal).Select(s => s.Score.Count));
        await second.ResolveAsync(ct);
        Assert.Equal([15, 30], second.Scores.OrderBy(s => s.Horizon, StringComparer.Ordinal).Select(s => s.Score.Count));
    }

    [Fact]
    public async Task After_a_restart_the_scores_are_those_of_the_log()
    {
        var ct = TestContext.Current.CancellationToken;
        using var store = EmbeddedStore.Open(_folder);
        var random = new Random(4);
        await store.Log.AppendPredictionsAsync("broker", [.. Enumerable.Range(0, 200).SelectMany(i => new[] { "a", "b" }.Select(a => Prediction(i, i % 3 > 0, a, random.NextDouble())))], ct);
        var timelines = new Dictionary<string, Timeline> { ["a"] = new([new Incident("a", LiveFleets.Start.AddSeconds(100), null, "")], []) };
        var time = new FakeTimeProvider(LiveFleets.Start.AddSeconds(500));
        using var before = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);
        await before.ResolveAsync(ct);
        using var after = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);
        await after.RestoreAsync(TimeSpan.FromDays(7), ct);
        Assert.Equal(2, after.Scores.Count);
        foreach (var (profile, horizon, score) in before.Scores)
        {
            var restored = after.Scores.Single(s => (s.Profile, s.Horizon) == (profile, horizon)).Score;
            Assert.Equal((score.Count, score.Brier, score.CalibrationError), (restored.Count, restored.Brier, restored.CalibrationError));
        }
        // Only as far back as asked: the predictions of the last 100 s.
        using var less = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);
        await less.RestoreAsync(TimeSpan.FromSeconds(400), ct);
        Assert.Equal(before.Scores[0].Score.Count / 2, less.Scores[0].Score.Count, 2.0);
    }

    [Fact]
    public async Task What_is_logged_after_its_horizon_was_resolved_is_resolved_at_once()
    {
        var ct = TestContext.Current.CancellationToken;
        using var store = EmbeddedStore.Open(_folder);
        var timelines = new Dictionary<string, Timeline> { ["a"] = new([new Incident("a", LiveFleets.Start.AddSeconds(40), null, "")], []) };
        // The service was away for an hour: at its first look nothing of that time is logged yet.
        var time = new FakeTimeProvider(LiveFleets.Start.AddHours(1));
        using var resolver = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => timelines, time);
        await resolver.RestoreAsync(TimeSpan.FromDays(7), ct);
        await resolver.ResolveAsync(ct);
        var fleet = new SavedFleet(LiveFleets.WithModel(), store, time, resolver.ResolveLateAsync);
        for (var second = 0; second <= 100; second += 2) fleet.Offer(second, ("cpu", 50), ("requests_total", second));
        Assert.True(fleet.Save());

        var ready = await store.Log.ReadPredictionsAsync(new LogQuery { Profile = "broker" }, ct).Where(p => p.Probabilities.Count > 0).CountAsync(ct);
        Assert.True(ready > 20, $"{ready} predictions with a probability");
        var outcomes = await OutcomesAsync(store);
        Assert.Equal(2 * ready, outcomes.Count);
        Assert.All(outcomes, o => Assert.Equal(Second(o) < 40 && Second(o) + o.Horizon.TotalSeconds >= 40, o.Happened));
        Assert.Equal([ready, ready], resolver.Scores.Select(s => (int)s.Score.Count));

        // Again, as after a store that refused what comes after the predictions: nothing is counted twice.
        await resolver.ResolveLateAsync("broker", await store.Log.ReadPredictionsAsync(new LogQuery { Profile = "broker" }, ct).ToListAsync(ct), ct);
        time.Advance(TimeSpan.FromHours(1));
        await resolver.ResolveAsync(ct);
        Assert.Equal(2 * ready, (await OutcomesAsync(store)).Count);
        Assert.Equal([ready, ready], resolver.Scores.Select(s => (int)s.Score.Count));
    }

    [Fact]
    public async Task More_than_is_resolved_in_one_go_is_resolved_all_the_same()
    {
        var ct = TestContext.Current.CancellationToken;
        using var store = EmbeddedStore.Open(_folder);
        await store.Log.AppendPredictionsAsync("broker", [.. Enumerable.Range(0, 600).SelectMany(i => Enumerable.Range(0, 100).Select(a => Prediction(i, true, $"a{a}")))], ct);
        using var resolver = new OutcomeResolver(store.Log, [LiveFleets.Profile], _ => new Dictionary<string, Timeline>(), new FakeTimeProvider(LiveFleets.Start.AddSeconds(700)));
        await resolver.ResolveAsync(ct);
        Assert.Equal([60_000L, 60_000L], resolver.Scores.Select(s => s.Score.Count));
        Assert.Equal(120_000, await store.Log.ReadOutcomesAsync(new LogQuery { Profile = "broker" }, ct).CountAsync(ct));
    }

    [Fact]
    public async Task A_store_that_refuses_in_between_makes_no_score_count_twice()
    {
        var ct = TestContext.Current.CancellationToken;
        using var store = EmbeddedStore.Open(_folder);
        await store.Log.AppendPredictionsAsync("broker", [.. Enumerable.Range(0, 60).Select(i => Prediction(i, true))], ct);
        var log = new AbruptStore(store.Log);
        using var resolver = new OutcomeResolver(log, [LiveFleets.Profile], _ => new Dictionary<string, Timeline>(), new FakeTimeProvider(LiveFleets.Start.AddHours(1)));
        log.Die();
        await Assert.ThrowsAsync<StoreException>(() => resolver.ResolveAsync(ct));
        log.Revive();
        await resolver.ResolveAsync(ct);
        Assert.Equal([60L, 60L], resolver.Scores.Select(s => s.Score.Count));
    }

    [Fact]
    public void Scores_are_those_of_the_formulas()
    {
        var score = new LiveScore(1e12);
        var resolved = new[] { (0.05, false), (0.07, true), (0.95, true), (0.5, false) };
        foreach (var (probability, happened) in resolved) score.Add(probability, happened);
        Assert.Equal((0.05 * 0.05 + 0.93 * 0.93 + 0.05 * 0.05 + 0.25) / 4, score.Brier, 9);
        Assert.Equal((Math.Abs(0.12 - 1) + Math.Abs(0.95 - 1) + 0.5) / 4, score.CalibrationError, 9);
        Assert.Equal(2 / 1.57, score.ObservedToExpected, 9);
        Assert.Equal(0.5, score.BaseRate, 9);
        Assert.Equal(1 - score.Brier / 0.25, score.Skill, 9);
        Assert.True(double.IsNaN(new LiveScore(10).Brier));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int Second(LoggedOutcome o) => (int)(o.Time - LiveFleets.Start).TotalSeconds;

    private static async Task<List<LoggedOutcome>> OutcomesAsync(EmbeddedStore store) =>
        await store.Log.ReadOutcomesAsync(new LogQuery { Profile = "broker" }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static LoggedPrediction Prediction(int second, bool isReady, string asset = "a", double probability = 0.5) => new(
        asset, LiveFleets.Start.AddSeconds(second), "m", isReady ? PredictionState.Ready : PredictionState.Stale, PredictionBasis.Learned, 1,
        isReady ? [.. LiveFleets.Profile.Horizons.Select(h => new HorizonProbability(h.Span, probability))] : [], "", LiveFleets.Start);
}
