using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class WarmStartTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly FakeTimeProvider _time = new(LiveFleets.Start);

    public WarmStartTests() => _store = EmbeddedStore.Open(_folder.Path);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    /// <summary>The same fleet with other evidence, as another profile or another program has it.</summary>
    private static LiveProfile Other()
    {
        var evidence = new EvidenceModel(LiveFleets.Profile with { StaleAfter = LiveFleets.Profile.StaleAfter * 2 });
        var model = LiveFleets.ModelOf(0.01);
        return new LiveProfile(evidence, new ScoringModel(evidence, model.Hazard, model.Reference), "other");
    }

    private static void Play(SavedFleet fleet, int from, int to)
    {
        for (var s = from; s < to; s += 2) fleet.Offer(s, ("cpu", s % 17), ("requests_total", s), ("queue", 1));
    }

    /// <summary>Steps of warm-up and some more.</summary>
    private static int Long => (int)(3 * LiveFleets.Profile.WarmUp.TotalSeconds) / 2 * 2 + 100;

    [Fact]
    public void A_champion_with_other_evidence_finds_its_assets_warm_and_loses_no_open_step()
    {
        var fleet = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(fleet, 0, Long);
        Assert.Equal(PredictionBasis.Learned, fleet.Shown.Basis);
        var open = fleet.Fleet.Slots.Single().Live.OpenUntil;
        Assert.True(fleet.Save());
        var tails = fleet.Saver.Tails(Other(), ["a"], CancellationToken.None);
        Assert.True(fleet.Fleet.IsOtherEvidence(Other()));
        Assert.True(fleet.Fleet.Use(Other(), tails));
        Assert.Equal((PredictionState.Ready, PredictionBasis.Learned, "other"), (fleet.Shown.State, fleet.Shown.Basis, fleet.Shown.ModelId));
        Assert.Equal(open, fleet.Fleet.Slots.Single().Live.OpenUntil);
        var last = fleet.Shown.Time;
        Play(fleet, Long, Long + 20);
        Assert.Equal(last.AddSeconds(20), fleet.Shown.Time);
        Assert.Equal(PredictionBasis.Learned, fleet.Shown.Basis);
        Assert.Equal(0, fleet.Fleet.Counts.Dropped(ServiMon.Predict.Server.Ingest.DropReason.Late));
    }

    [Fact]
    public void After_a_start_with_other_evidence_saved_assets_are_made_from_their_history()
    {
        var before = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(before, 0, Long);
        Assert.True(before.Save());
        var after = new SavedFleet(Other(), _store, _time);
        Assert.Equal((before.Shown.Time, PredictionState.Ready, PredictionBasis.Learned), (after.Shown.Time, after.Shown.State, after.Shown.Basis));
        Play(after, Long, Long + 30);
        Assert.Equal(PredictionBasis.Learned, after.Shown.Basis);
    }

    [Fact]
    public void Without_history_assets_start_anew()
    {
        var fleet = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(fleet, 0, Long);
        Assert.True(fleet.Fleet.Use(Other(), null));
        Play(fleet, Long, Long + 4);
        Assert.Equal(PredictionBasis.Prior, fleet.Shown.Basis);
    }
}
