using System.Globalization;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

public sealed class PredictionBoardTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PredictionBoard _board = new(maxWatches: 4);

    internal static AssetPrediction Prediction(string asset, int minute, double probability = 0.25, string profile = "host") => new()
    {
        Key = new AssetKey(profile, asset),
        Time = Start.AddMinutes(minute),
        Given = Start.AddMinutes(minute).AddSeconds(5),
        State = PredictionState.Ready,
        Basis = PredictionBasis.Learned,
        Probabilities = [new HorizonProbability(TimeSpan.FromHours(1), probability / 2), new HorizonProbability(TimeSpan.FromHours(6), probability)],
        ModelId = "host-0123456789ab",
    };

    [Fact]
    public void A_later_step_replaces_an_earlier_one_and_never_the_other_way_round()
    {
        Assert.True(_board.Put(Prediction("a", 2)));
        Assert.False(_board.Put(Prediction("a", 1)));
        Assert.True(_board.Put(Prediction("a", 2, 0.5)));

        Assert.True(_board.TryGet(new AssetKey("host", "a"), out var shown));
        Assert.Equal((Start.AddMinutes(2), 0.5), (shown.Time, shown.LongestProbability));
        Assert.False(_board.TryGet(new AssetKey("kafka-broker", "a"), out _));
    }

    [Fact]
    public void Assets_come_by_profile_and_ordinal_name()
    {
        foreach (var (profile, asset) in new[] { ("z", "a"), ("a", "b"), ("a", "B"), ("a", "a-1"), ("a", "a/1") })
            _board.Put(Prediction(asset, 0, profile: profile));
        var before = _board.Keys.ToArray();
        _board.Put(Prediction("A", 0, profile: "a"));
        _board.Remove(new AssetKey("a", "b"));

        Assert.Equal(["a/B", "a/a-1", "a/a/1", "a/b", "z/a"], before.Select(k => $"{k.Profile}/{k.Asset}"));
        Assert.Equal(["A", "B", "a-1", "a/1", "a"], _board.Snapshot().Select(p => p.Key.Asset));
        Assert.Equal(5, _board.Count);
    }

    [Fact]
    public async Task A_watch_begins_with_what_is_shown_and_goes_on_with_changes()
    {
        _board.Put(Prediction("b", 0));
        _board.Put(Prediction("a", 0));
        _board.Put(Prediction("not wanted", 0));
        using var watch = _board.TryWatch(k => k.Asset.Length == 1)!;
        await using var changes = watch.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();

        Assert.Equal("a@0", await Next(changes));
        Assert.Equal("b@0", await Next(changes));
        var waiting = Next(changes);
        Assert.False(waiting.IsCompleted);
        _board.Put(Prediction("b", 1));
        Assert.Equal("b@1", await waiting);
        _board.Remove(new AssetKey("host", "b"));
        Assert.Equal("b@gone", await Next(changes));
        watch.Dispose();
        Assert.False(await changes.MoveNextAsync());
    }

    [Fact]
    public async Task A_slow_reader_gets_the_newest_of_each_asset_and_no_backlog()
    {
        using var watch = _board.TryWatch(_ => true)!;
        for (var minute = 0; minute < 1000; minute++)
            foreach (var asset in new[] { "a", "b", "c" }) _board.Put(Prediction(asset, minute));

        Assert.Equal(3, watch.WaitingCount);
        Assert.Equal(2997, watch.ConflatedCount);
        await using var changes = watch.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.Equal(["a@999", "b@999", "c@999"], [await Next(changes), await Next(changes), await Next(changes)]);
        Assert.False(watch.TryRead(out _));
    }

    [Fact]
    public void An_asset_that_was_removed_and_came_back_is_not_told_as_gone()
    {
        using var watch = _board.TryWatch(_ => true)!;
        _board.Put(Prediction("a", 5));
        _board.Remove(new AssetKey("host", "a"));
        _board.Put(Prediction("a", 1));

        Assert.True(watch.TryRead(out var change));
        Assert.Equal(Start.AddMinutes(1), change.Prediction?.Time);
        Assert.False(watch.TryRead(out _));
    }

    [Fact]
    public void Subscriptions_are_bounded_and_given_back()
    {
        var watches = Enumerable.Range(0, 4).Select(_ => _board.TryWatch(_ => true)).ToList();
        Assert.All(watches, Assert.NotNull);
        Assert.Null(_board.TryWatch(_ => true));
        watches[2]!.Dispose();
        Assert.Equal(3, _board.WatchCount);
        Assert.NotNull(_board.TryWatch(_ => true));
    }

    [Fact]
    public async Task Whatever_the_interleaving_the_last_change_read_of_each_asset_is_the_last_one_shown()
    {
        const int writers = 4, rounds = 5000;
        var ct = TestContext.Current.CancellationToken;
        using var early = _board.TryWatch(_ => true)!;
        var writing = Enumerable.Range(0, writers).Select(w => Task.Run(() =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var asset = $"asset-{(w * 7 + i) % 5}";
                if (i % 97 == 0) _board.Remove(new AssetKey("host", asset));
                else _board.Put(Prediction(asset, i));
            }
        }, ct)).ToList();
        var seen = new Dictionary<string, DateTimeOffset?>();
        var reading = Task.Run(async () =>
        {
            await foreach (var change in early.ReadAllAsync(ct)) seen[change.Key.Asset] = change.Prediction?.Time;
        }, ct);
        using var late = _board.TryWatch(_ => true)!;
        await Task.WhenAll(writing);
        while (early.WaitingCount > 0) await Task.Yield();
        early.Dispose();
        await reading;
        var seenLate = new Dictionary<string, DateTimeOffset?>();
        while (late.TryRead(out var change)) seenLate[change.Key.Asset] = change.Prediction?.Time;

        foreach (var result in new[] { seen, seenLate })
            Assert.Equal(_board.Snapshot().ToDictionary(p => p.Key.Asset, p => (DateTimeOffset?)p.Time), result.Where(p => p.Value is not null).ToDictionary());
    }

    private static async Task<string> Next(IAsyncEnumerator<PredictionChange> changes)
    {
        Assert.True(await changes.MoveNextAsync());
        var time = changes.Current.Prediction?.Time;
        return $"{changes.Current.Key.Asset}@{(time is { } t ? (t - Start).TotalMinutes.ToString(CultureInfo.InvariantCulture) : "gone")}";
    }
}
