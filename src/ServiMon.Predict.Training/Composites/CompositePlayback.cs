using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training.Composites;

/// <summary>
/// Plays assets together, row by row in order of time, and with them the composites that they make: in training and backtests. Of what happens to them only
/// maintenance is known, which is planned.
/// </summary>
internal sealed class CompositePlayback
{
    private readonly AssetScorer[] _members;
    private readonly AssetReplay[] _replays;
    private readonly IEnumerator<PiecesAhead>[] _pieces;
    private readonly CompositeScorer[] _composites;
    private readonly Timeline[] _planned;
    private readonly Timeline[] _plannedOf;
    private readonly (int Composite, CompositeMember Place)[][] _placesOf;

    /// <param name="model">Null to see the evidence alone.</param>
    /// <param name="members">What is read of each asset.</param>
    /// <param name="planned">Maintenance of an asset or a composite.</param>
    public CompositePlayback(
        EvidenceModel evidence, ScoringModel? model, TrainingFleet fleet, IReadOnlyList<AssetReading> members, IReadOnlyList<Composite> composites,
        Func<string, Timeline> planned, CancellationToken cancellation)
    {
        _replays = [.. members.Select(m => new AssetReplay(evidence, m.Extent.Asset, fleet.Metrics, m.Extent.First.UtcTicks))];
        _members = [.. members.Select((m, i) => new AssetScorer(evidence, model, m.Extent.Asset, _replays[i]))];
        _pieces = [.. members.Select(m => PiecesAhead.Of(fleet, m, cancellation).GetEnumerator())];
        _composites = [.. composites.Select(c => new CompositeScorer(c.Path, evidence, model))];
        _planned = [.. members.Select(m => planned(m.Extent.Asset))];
        _plannedOf = [.. composites.Select(c => planned(c.Path))];
        _placesOf = [.. members.Select((m, i) => Enumerable.Range(0, composites.Count).Where(c => composites[c].Members.Contains(i))
            .Select(c => (c, _composites[c].Member(m.Extent.Asset))).ToArray())];
    }

    public IReadOnlyList<AssetScorer> Members => _members;

    public IReadOnlyList<CompositeScorer> Composites => _composites;

    /// <param name="rowPlayed">Told the index of a member after each of its rows, and the row's time.</param>
    /// <param name="stepClosed">Told the index of a composite after each of its steps.</param>
    /// <param name="progress">Told the rows of each piece that is begun.</param>
    public void Play(Action<int, long> rowPlayed, Action<int> stepClosed, Action<int> progress)
    {
        var queue = new PriorityQueue<int, (long Ticks, int Member)>();
        for (var m = 0; m < _members.Length; m++) Enqueue(m);
        while (queue.TryDequeue(out var m, out var next))
        {
            var ticks = next.Ticks;
            _members[m].Advance(Condition(_planned[m], ticks));
            rowPlayed(m, ticks);
            foreach (var (c, place) in _placesOf[m])
            {
                var composite = _composites[c];
                if (composite.HasOpenStep && ticks >= composite.OpenEnd) Close(c);
                composite.Take(place, ticks, _members[m].Membership, _members[m].Evidence);
            }
            Enqueue(m);
        }
        for (var c = 0; c < _composites.Length; c++)
            if (_composites[c].HasOpenStep) Close(c);

        void Close(int c)
        {
            _composites[c].Close(Condition(_plannedOf[c], _composites[c].Ticks));
            stepClosed(c);
        }

        void Enqueue(int m)
        {
            while (_replays[m].NextTicks == long.MaxValue)
            {
                if (!_pieces[m].MoveNext()) return;
                var (rows, following, _) = _pieces[m].Current;
                _replays[m].Continue(rows, following);
                progress(rows.Count);
            }
            queue.Enqueue(m, (_replays[m].NextTicks, m));
        }
    }

    private static AssetCondition Condition(Timeline planned, long ticks) => planned.InMaintenance(ticks) ? AssetCondition.Maintenance : AssetCondition.Normal;
}
