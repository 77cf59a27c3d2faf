using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>Predictions for a replayed part of a fleet.</summary>
/// <param name="Assets">One for each asset, in the order of the history.</param>
/// <param name="Composites">One for each composite, by path.</param>
/// <param name="Combined">For each composite what its members' probabilities alone would say, were they independent and were any failure of theirs its own.</param>
internal sealed record ReplayedFleet(List<AssetPredictions> Assets, List<AssetPredictions> Composites, List<AssetPredictions> Combined)
{
    public ReplayedFleet() : this([], [], [])
    {
    }

    public void Add(ReplayedFleet other)
    {
        Assets.AddRange(other.Assets);
        Composites.AddRange(other.Composites);
        Combined.AddRange(other.Combined);
    }
}

/// <summary>Replays assets through the code that scores live. Of what happens to them only maintenance is known.</summary>
internal sealed class FleetReplay(EvidenceModel evidence, ScoringModel? model, FleetRecord fleet, CancellationToken cancellation)
{
    private readonly int _horizons = evidence.Profile.Horizons.Length;
    private readonly ILookup<string, MaintenanceWindow> _maintenance = fleet.Maintenance.ToLookup(m => m.Asset);

    /// <summary>Each asset by itself, and nothing of composites.</summary>
    /// <param name="from">Rows of this time (UTC ticks) and later are predicted.</param>
    public List<AssetPredictions> Assets(IReadOnlyList<AssetRows> assets, long from, Action<double>? progress)
    {
        var predictions = new List<AssetPredictions>();
        foreach (var asset in assets)
        {
            cancellation.ThrowIfCancellationRequested();
            var planned = Planned(asset.Asset);
            var said = new Said(_horizons);
            var scorer = new AssetScorer(evidence, model, asset);
            for (var row = 0; row < asset.Count; row++)
            {
                scorer.Advance(planned.InMaintenance(asset.Ticks[row]) ? AssetCondition.Maintenance : AssetCondition.Normal);
                if (asset.Ticks[row] >= from) said.Add(asset.Ticks[row], scorer.State, scorer.Basis, scorer.Probability);
            }
            predictions.Add(said.Of(asset));
            progress?.Invoke(predictions.Count / (double)assets.Count);
        }
        return predictions;
    }

    /// <summary>Assets with the composites whose members all are among them, those of one root together.</summary>
    public ReplayedFleet WithComposites(IReadOnlyList<AssetRows> assets, IReadOnlyList<CompositeRoot> roots, long from, Action<double>? progress)
    {
        var (byAsset, composites, combined) = (new Dictionary<string, AssetPredictions>(), new List<AssetPredictions>(), new List<AssetPredictions>());
        var read = new RecordedFleet(fleet);
        var rows = assets.ToDictionary(a => a.Asset);
        foreach (var root in roots)
        {
            cancellation.ThrowIfCancellationRequested();
            Root(read, root, rows, from, byAsset, composites, combined);
            progress?.Invoke(byAsset.Count / (double)assets.Count);
        }
        foreach (var p in Assets([.. assets.Where(a => !byAsset.ContainsKey(a.Asset))], from, null)) byAsset.Add(p.Rows.Asset, p);
        progress?.Invoke(1);
        return new ReplayedFleet([.. assets.Select(a => byAsset[a.Asset])], composites, combined);
    }

    private void Root(
        RecordedFleet read, CompositeRoot root, Dictionary<string, AssetRows> rows, long from, Dictionary<string, AssetPredictions> byAsset,
        List<AssetPredictions> composites, List<AssetPredictions> combined)
    {
        var extents = read.Assets.ToDictionary(a => a.Asset);
        var playback = new CompositePlayback(
            evidence, model, read, [.. root.Assets.Select(a => CompositeRoot.Whole(extents[a], new Timeline([], []), evidence.Profile))], root.Composites, Planned, cancellation);
        Said[] ofMember = [.. root.Assets.Select(_ => new Said(_horizons))];
        Said[] ofComposite = [.. root.Composites.Select(_ => new Said(_horizons))], together = [.. root.Composites.Select(_ => new Said(_horizons))];
        var newest = root.Assets.Select(_ => long.MinValue).ToArray();
        playback.Play((m, ticks) =>
        {
            var member = playback.Members[m];
            if (ticks >= from) ofMember[m].Add(ticks, member.State, member.Basis, member.Probability);
            newest[m] = member.State == PredictionState.Ready ? ticks : long.MinValue;
        }, c =>
        {
            var composite = playback.Composites[c];
            if (composite.Ticks < from) return;
            ofComposite[c].Add(composite.Ticks, composite.State, composite.Basis, composite.Probability);
            Combine(c, composite);
        }, _ => { });
        for (var m = 0; m < ofMember.Length; m++) byAsset.Add(root.Assets[m], ofMember[m].Of(rows[root.Assets[m]]));
        for (var c = 0; c < ofComposite.Length; c++)
        {
            composites.Add(ofComposite[c].OfPath(root.Composites[c].Path));
            combined.Add(together[c].OfPath(root.Composites[c].Path));
        }

        void Combine(int c, CompositeScorer composite)
        {
            var since = composite.Ticks - evidence.Profile.StaleAfter.Ticks;
            var known = root.Composites[c].Members.Where(m => newest[m] >= since).ToList();
            var state = known.Count > 0 ? composite.State : PredictionState.NoModel;
            var probability = new double[_horizons];
            for (var h = 0; h < _horizons; h++) probability[h] = state == PredictionState.Ready ? 1 - known.Aggregate(1.0, (s, m) => s * (1 - playback.Members[m].Probability[h])) : double.NaN;
            together[c].Add(composite.Ticks, state, composite.Basis, probability);
        }
    }

    private Timeline Planned(string path) => new([], _maintenance[path]);

    /// <summary>What was said of one asset or composite so far.</summary>
    private sealed class Said(int horizons)
    {
        private readonly List<long> _ticks = [];
        private readonly List<double> _probability = [];
        private readonly List<PredictionState> _states = [];
        private readonly List<PredictionBasis> _bases = [];

        public void Add(long ticks, PredictionState state, PredictionBasis basis, ReadOnlySpan<double> probability)
        {
            _ticks.Add(ticks);
            _states.Add(state);
            _bases.Add(basis);
            for (var h = 0; h < horizons; h++) _probability.Add(probability[h]);
        }

        public AssetPredictions Of(AssetRows rows) => new(rows, rows.Count - _ticks.Count, [.. _probability], [.. _states], [.. _bases]);

        public AssetPredictions OfPath(string path) => new(new AssetRows(path, [], [.. _ticks], []), 0, [.. _probability], [.. _states], [.. _bases]);
    }
}
