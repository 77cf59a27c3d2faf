using System.Runtime.InteropServices;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>Plays the history of one asset through a <see cref="FindingWatch"/>, on the grid and with the rates that its scoring has.</summary>
public sealed class FindingReplay
{
    private readonly AssetReplay _replay;
    private readonly FindingWatch _watch;
    private readonly AssetRows _rows;
    private readonly double[] _values;
    private readonly List<double>[]? _kept;
    private readonly List<long> _ticks = [];
    private readonly TimeZoneInfo? _zone;

    /// <param name="keepValues">True to keep what the metrics were, for <see cref="Segments"/>.</param>
    public FindingReplay(EvidenceModel model, AssetRows rows, DetectorOptions? options = null, bool keepValues = false)
    {
        _replay = new AssetReplay(model, rows);
        _watch = new FindingWatch(model.Profile, options);
        _rows = rows;
        _zone = options?.Zone;
        _values = new double[model.Profile.Metrics.Length];
        _kept = keepValues ? [.. _watch.Metrics.Select(_ => new List<double>())] : null;
    }

    /// <summary>UTC ticks of the first row in the next step; <see cref="long.MaxValue"/> at the end.</summary>
    public long NextTicks => _replay.NextTicks;

    /// <summary>Plays the next step.</summary>
    /// <param name="found">What was found is added to it.</param>
    /// <returns>False at the end.</returns>
    public bool Advance(ICollection<Finding> found)
    {
        if (_replay.NextRow == _rows.Count) return false;
        do _replay.Advance(AssetCondition.Normal, [], _values);
        while (!_replay.EndsStep);
        var ticks = _rows.Ticks[_replay.NextRow - 1];
        _watch.Observe(ticks, _values, found);
        if (_kept is null) return true;
        _ticks.Add(ticks);
        for (var k = 0; k < _kept.Length; k++) _kept[k].Add(_values[_watch.Metrics[k]]);
        return true;
    }

    /// <summary>The stretches of one level of each metric over what was played, with everything known that came after: by metric, then by time.</summary>
    public IEnumerable<Segment> Segments()
    {
        for (var k = 0; k < (_kept?.Length ?? 0); k++)
            foreach (var segment in Segment.Cut(CollectionsMarshal.AsSpan(_ticks), CollectionsMarshal.AsSpan(_kept![k]), _zone)) yield return segment with { Metric = _watch.Metrics[k] };
    }
}
