using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class LiveFleetTests
{
    private static readonly SourcePartition Source = new("t", 0);
    private static readonly AssetKey Key = new("broker", "a");

    private readonly FakeTimeProvider _time = new(LiveFleets.Start);
    private readonly PredictionBoard _board = new();

    [Fact]
    public void A_silent_asset_is_shown_as_stale_and_later_taken_out()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 40);
        Assert.Equal(PredictionState.Ready, Shown().State);
        Assert.Empty(fleet.Sweep(TimeSpan.FromMinutes(10)));
        Assert.Equal(PredictionState.Ready, Shown().State);

        _time.Advance(TimeSpan.FromSeconds(80 + 21));
        Assert.Empty(fleet.Sweep(TimeSpan.FromMinutes(10)));
        Assert.Equal(PredictionState.Stale, Shown().State);
        Assert.Empty(Shown().Probabilities);

        Feed(fleet, 50, 60);
        Assert.NotEqual(PredictionState.Stale, Shown().State);

        var target = Resolve(fleet, "a");
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal([Key], fleet.Sweep(TimeSpan.FromMinutes(10)));
        Assert.Equal(0, _board.Count);
        Assert.True(target.Slot!.IsGone);
    }

    [Fact]
    public void An_asset_whose_backlog_is_read_is_kept_however_old_its_samples_are()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        _time.Advance(TimeSpan.FromDays(10));
        Feed(fleet, 0, 40);
        Assert.Empty(fleet.Sweep(TimeSpan.FromMinutes(10)));
        Feed(fleet, 40, 60);
        Assert.Equal(60 - 6, fleet.Counts.Steps);

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal([Key], fleet.Sweep(TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void An_incident_that_becomes_known_ends_the_probability()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 40);
        var timeline = new Timeline([new Incident("a", LiveFleets.Start.AddSeconds(70), null, "")], []);
        Assert.False(fleet.Use(LiveFleets.WithModel() with { Timelines = new Dictionary<string, Timeline> { ["a"] = timeline } }));
        Feed(fleet, 40, 60);
        Assert.Equal(PredictionState.InIncident, Shown().State);
    }

    [Fact]
    public void Other_evidence_lets_assets_start_anew()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 40);
        var target = Resolve(fleet, "a");
        var other = new EvidenceModel(LiveFleets.Profile with { StaleAfter = TimeSpan.FromSeconds(60) });
        Assert.True(fleet.Use(new LiveProfile(other, null, "")));
        Assert.True(target.Slot!.IsGone);
        Assert.Equal(1, fleet.Count);
        Feed(fleet, 40, 60);
        Assert.Equal(PredictionState.NoModel, Shown().State);
    }

    [Fact]
    public void Bounds_are_kept_and_counted()
    {
        var fleet = Fleet(LiveFleets.WithModel(), new IngestBounds { Assets = 2, SeriesPerAsset = 1, Labels = 2, LabelLength = 16 });
        Assert.Equal(DropReason.None, Resolve(fleet, "a").Drop);
        Assert.Equal(DropReason.TooManySeries, Resolve(fleet, "a").Drop);
        Assert.Equal(DropReason.None, Resolve(fleet, "b").Drop);
        Assert.Equal(DropReason.TooManyAssets, Resolve(fleet, "c").Drop);
        Assert.Equal(DropReason.BadLabels, Resolve(fleet, "").Drop);
        Assert.Equal(DropReason.BadLabels, Resolve(fleet, "a\n").Drop);
        Assert.Equal(DropReason.LabelTooLong, Resolve(fleet, new string('x', 17)).Drop);
        Assert.Equal(DropReason.TooManyLabels, fleet.Resolve(new SeriesIdentity("cpu", [new("a", "1"), new("b", "1"), new("instance", "a")]), null, Source).Drop);
        Assert.Equal(DropReason.UnknownSeries, fleet.Resolve(new SeriesIdentity("other", [new("instance", "a")]), null, Source).Drop);
        Assert.Equal(DropReason.UnknownSeries, fleet.Resolve(new SeriesIdentity("cpu", [new("host", "a")]), null, Source).Drop);
        Assert.Equal(DropReason.UnknownSeries, fleet.Resolve(new SeriesIdentity("cpu", [new("instance", "a")]), "another", Source).Drop);
        Assert.Equal(DropReason.BadLabels, fleet.Resolve(null, null, Source).Drop);

        fleet.Offer(Resolve(fleet, "c"), LiveFleets.Start.UtcTicks, 1, long.MaxValue);
        Assert.Equal(1, fleet.Counts.Dropped(DropReason.TooManyAssets));
    }

    [Fact]
    public void Series_that_are_asked_for_again_count_once()
    {
        var fleet = Fleet(LiveFleets.WithModel(), new IngestBounds { SeriesPerAsset = 2 });
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(DropReason.None, Resolve(fleet, "a").Drop);
            fleet.ForgetSeries();
        }
    }

    [Fact]
    public void Reasons_are_those_of_the_step_whenever_they_are_read()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 40);
        var shown = Shown();
        var live = fleet.Slots.Single().Live;
        var now = live.Explain();
        Assert.NotEmpty(now);
        Assert.Equal(now, shown.Drivers);

        Feed(fleet, 40, 50);
        Assert.Equal(now, shown.Drivers);
        Assert.Equal(live.Explain(), Shown().Drivers);
    }

    [Fact]
    public void The_log_has_every_step_and_reasons_where_the_odds_have_moved_by_half()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 60);
        var logged = Assert.Single(fleet.Outbox.Take()).Buffer.Predictions();
        Assert.Equal(fleet.Counts.Steps, logged.Count);
        var least = fleet.Profiles[0].LongestBaseProbability;
        var before = double.NaN;
        foreach (var step in logged)
        {
            var longest = step.Probabilities.Count == 0 ? double.NaN : step.Probabilities[^1].Probability;
            if (!(longest > least))
            {
                Assert.Empty(step.Detail);
                before = double.NaN;
                continue;
            }
            var isMove = !(Math.Abs(LogOdds.Of(longest) - before) < Math.Log(1.5));
            if (!isMove) Assert.Empty(step.Detail);
            if (isMove) before = LogOdds.Of(longest);
        }
        Assert.Contains(logged, p => p.Detail.Length > 0);
        Assert.Contains(logged, p => p.Probabilities.Count > 0 && p.Detail.Length == 0);
    }

    [Fact]
    public void Rows_of_an_asset_are_stored_in_order_and_memory_serves_again()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        for (var pass = 0; pass < 3; pass++)
        {
            Feed(fleet, 20 * pass, 20 * pass + 20);
            var taken = fleet.Outbox.Take();
            var rows = Assert.Single(Assert.Single(taken).Buffer.Rows());
            Assert.Equal("a", rows.Asset);
            Assert.Equal(["cpu", "requests_total", "queue"], rows.Metrics);
            Assert.Equal(rows.Ticks.Order(), rows.Ticks);
            Assert.Equal(taken[0].Buffer.Count, rows.Count);
            fleet.Outbox.Return(taken);
            Assert.Equal(0, taken[0].Buffer.Count);
        }
        Assert.Equal(0, fleet.Outbox.Count);
    }

    [Fact]
    public void A_restored_asset_is_shown_and_goes_on()
    {
        var fleet = Fleet(LiveFleets.WithModel());
        Feed(fleet, 0, 40);
        var writer = new StateWriter();
        fleet.Slots.Single().Live.Save(writer);
        var before = Shown();

        var second = new LiveFleet([LiveFleets.WithModel()], new IngestBounds(), new PredictionBoard(), _time);
        Assert.True(second.TryRestore(Key, Source, writer.Written.Span));
        Assert.True(second.Board.TryGet(Key, out var shown));
        Assert.Equal(before.Probabilities.AsEnumerable(), shown.Probabilities);
        Feed(fleet, 40, 60);
        Feed(second, 40, 60);
        Assert.True(second.Board.TryGet(Key, out shown));
        Assert.Equal(Shown().Probabilities.AsEnumerable(), shown.Probabilities);
        Assert.Equal(Shown().EvidenceDigest, shown.EvidenceDigest);

        Assert.False(second.TryRestore(new AssetKey("gone", "a"), Source, writer.Written.Span));
    }

    /// <summary>Over all assets of the profile; a new champion does not begin anew, other metrics do.</summary>
    [Fact]
    public void Live_values_are_compared_with_those_that_the_champion_was_trained_on()
    {
        var profile = LiveFleets.WithModel();
        var trained = new MetricDistributions(["cpu", "requests_total", "queue"]);
        for (var i = 0; i < 1000; i++) trained.Add([i % 10, 100, 0]);
        ScoringModel Known(LiveProfile p) => p.Model! with { Reference = p.Model.Reference with { Distributions = trained } };
        profile = profile with { Model = Known(profile) };
        var fleet = Fleet(profile);
        InputDistance Of(string metric) => InputDistance.Of(profile.Model, fleet.RecentOf("broker")).Single(d => d.Metric == metric);
        Assert.Equal((0, double.NaN), (Of("cpu").StepCount, Of("cpu").Distance));
        foreach (var instance in new[] { "a", "b" })
            for (var i = 0; i < 106; i++)
                fleet.Offer(Resolve(fleet, instance), LiveFleets.Start.AddSeconds(2 * i).UtcTicks, i % 10 + (instance == "b" ? 5 : 0), long.MaxValue);
        // The last steps are open yet. Of b's values half are above all of training's.
        var (_, steps, distance) = Of("cpu");
        Assert.Equal((200, 0.25), (steps, Math.Round(distance, 2)));
        Assert.Equal((0, double.NaN), (Of("queue").StepCount, Of("queue").Distance));

        fleet.Use(profile with { ModelId = "broker-2" });
        Assert.Equal(steps, Of("cpu").StepCount);
        Assert.Empty(InputDistance.Of(profile.Model, fleet.RecentOf("other")));
        Assert.Empty(InputDistance.Of(LiveFleets.ModelOf(0.01), fleet.RecentOf("broker")));
        var other = new EvidenceModel(LiveFleets.Profile with { Metrics = [LiveFleets.Profile.Metrics[0]] });
        fleet.Use(new LiveProfile(other, null, ""));
        Assert.Empty(InputDistance.Of(profile.Model, fleet.RecentOf("broker")));
    }

    private LiveFleet Fleet(LiveProfile profile, IngestBounds? bounds = null) => new([profile], bounds ?? new IngestBounds(), _board, _time);

    private AssetPrediction Shown() => _board.TryGet(Key, out var shown) ? shown : throw new InvalidOperationException("nothing is shown");

    private static SeriesTarget Resolve(LiveFleet fleet, string instance, string metric = "cpu") =>
        fleet.Resolve(new SeriesIdentity(metric, [new("instance", instance)]), null, Source);

    private void Feed(LiveFleet fleet, int from, int to)
    {
        for (var step = from; step < to; step++)
            foreach (var metric in new[] { "cpu", "requests_total", "queue" })
                fleet.Offer(Resolve(fleet, "a", metric), LiveFleets.Start.AddSeconds(2 * step).UtcTicks, step * 3 % 17, Math.Max(_time.GetUtcNow().UtcTicks, LiveFleets.Start.AddSeconds(2 * step).UtcTicks));
    }
}
