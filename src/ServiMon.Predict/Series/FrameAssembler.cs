using System.Collections.Immutable;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Series;

/// <summary>What became of a sample: every sample has exactly one outcome, and every outcome is counted.</summary>
public enum SampleOutcome
{
    /// <summary>Counted in its step.</summary>
    Accepted,

    /// <summary>Counted in its step, though it came after a newer sample of the asset (within the lateness bound).</summary>
    OutOfOrder,

    /// <summary>Its step was closed already: dropped.</summary>
    Late,

    /// <summary>The metric had a sample of the same time: one of the two is kept, the same one whichever came first.</summary>
    Duplicate,

    /// <summary>The value is infinite or NaN: the cell stays missing.</summary>
    NotFinite,

    /// <summary>Its step has more samples of the metric than are kept one by one: one sample is left out, evenly over the step.</summary>
    Crowded,
}

/// <summary>
/// Puts the samples of one asset on its grid by event time and closes steps as the watermark (newest event time less the lateness
/// bound) passes them. Any order of arrival within the bound gives the same frames, bit for bit. Memory is bounded: of a step with more than 8,192 samples of
/// a metric one sample is kept in each 8,192nd of its length.
/// </summary>
public sealed class FrameAssembler
{
    private readonly ImmutableArray<MetricSpec> _metrics;
    private readonly long _stepTicks;
    private readonly long _latenessTicks;
    /// <summary>Outcomes whose counts are saved: those before <see cref="SampleOutcome.Crowded"/>.</summary>
    private const int SavedOutcomes = (int)SampleOutcome.Crowded;

    private readonly List<OpenStep> _open = []; // descending by step: the next to close is the last
    private readonly Stack<OpenStep> _spare = [];
    private readonly SortedDictionary<(long Ticks, int Metric), double> _beforeAnchor = [];
    private readonly long[] _counts = new long[Enum.GetValues<SampleOutcome>().Length];
    private AssetGrid? _grid;
    private long _newest = long.MinValue;
    private long _earliest = long.MaxValue;
    private long _closedThrough = long.MinValue;
    private long _closedUntil = long.MinValue;
    private OpenStep? _taken;

    public FrameAssembler(Profile profile)
    {
        _metrics = profile.Metrics;
        _stepTicks = profile.Step.Ticks;
        _latenessTicks = profile.Lateness.Ticks;
    }

    /// <summary>UTC ticks of the newest sample, or <see cref="long.MinValue"/> before the first.</summary>
    public long NewestTicks => _newest;

    /// <summary>End of the newest step that holds samples and is open, UTC ticks; null when there is none.</summary>
    public long? OpenUntil =>
        _grid is { } grid ? _open.Count == 0 ? null : grid.EndOf(_open[0].Step)
        : _beforeAnchor.Count > 0 && new AssetGrid(_earliest, _stepTicks) is var first ? first.EndOf(first.StepOf(_newest)) : null;

    /// <summary>Samples with this outcome so far.</summary>
    public long Count(SampleOutcome outcome) => _counts[(int)outcome];

    /// <summary>Takes one sample. <paramref name="metric"/> is its index in the profile.</summary>
    public SampleOutcome Offer(int metric, long ticks, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(metric);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(metric, _metrics.Length);
        var outcome = Place(metric, ticks, value);
        _counts[(int)outcome]++;
        return outcome;
    }

    /// <summary>
    /// Closes the steps that end at this time or before, whatever the watermark: nothing more is expected of them. A sample that comes for one
    /// nevertheless is late, after loading the state too.
    /// </summary>
    public void CloseUntil(long ticks)
    {
        if (_grid is null && _beforeAnchor.Count > 0) Anchor();
        _closedUntil = Math.Max(_closedUntil, ticks);
    }

    /// <summary>Goes on after rows of history: the grid is anchored, and steps up to the last of them are closed.</summary>
    public void StartAfter(AssetGrid grid, long newestTicks)
    {
        (_grid, _earliest, _newest) = (grid, grid.AnchorTicks, newestTicks);
        _closedThrough = grid.StepOf(newestTicks);
    }

    /// <summary>The grid, once it is anchored.</summary>
    public AssetGrid? Grid => _grid;

    /// <summary>True when the watermark has passed an open step.</summary>
    public bool HasClosedStep => _grid is { } grid && _open.Count > 0 && grid.EndOf(_open[^1].Step) <= Watermark;

    /// <summary>True when every step that could hold a sample from before the time is closed, and taken.</summary>
    public bool HasPassed(long ticks) => _grid is { } grid && !HasClosedStep && grid.EndOf(grid.StepOf(ticks - 1)) <= Watermark;

    private long Watermark => Math.Max(_newest - _latenessTicks, _closedUntil);

    /// <summary>The next closed step in ascending order; its values stay valid until the next call.</summary>
    /// <param name="all">True to close every step that holds samples: the stream has ended.</param>
    public bool TryTake(bool all, out Frame frame)
    {
        frame = default;
        if (_taken is not null) { _spare.Push(_taken); _taken = null; }
        if (all && _grid is null && _beforeAnchor.Count > 0) Anchor();
        if (_grid is not { } grid || _open.Count == 0) return false;
        var open = _open[^1];
        if (!all && grid.EndOf(open.Step) > Watermark) return false;
        _open.RemoveAt(_open.Count - 1);
        _closedThrough = open.Step;
        _taken = open;
        frame = new Frame(open.Step, open.NewestTicks, open.Close(_metrics));
        return true;
    }

    /// <summary>Writes the whole state: the grid, the open steps with their samples, the counts.</summary>
    public void Save(StateWriter writer)
    {
        writer.Longs(_counts.AsSpan(0, SavedOutcomes));
        writer.Long(_newest);
        writer.Long(_earliest);
        writer.Long(_closedThrough);
        writer.Long(_closedUntil);
        writer.Byte(_grid is null ? (byte)0 : (byte)1);
        writer.Long(_grid?.AnchorTicks ?? 0);
        writer.Int(_beforeAnchor.Count);
        foreach (var ((ticks, metric), value) in _beforeAnchor)
        {
            writer.Long(ticks);
            writer.Int(metric);
            writer.Double(value);
        }
        writer.Int(_open.Count);
        foreach (var open in _open) open.Save(writer);
    }

    /// <summary>Takes the state that an assembler of the same profile saved; what this one had is gone.</summary>
    /// <exception cref="InvalidDataException">When the bytes are cut off or name a metric that there is not.</exception>
    public void Load(ref StateReader reader)
    {
        _taken = null;
        _open.Clear();
        _beforeAnchor.Clear();
        reader.Longs(_counts.AsSpan(0, SavedOutcomes));
        _newest = reader.Long();
        _earliest = reader.Long();
        _closedThrough = reader.Long();
        _closedUntil = reader.Long();
        var isAnchored = reader.Byte() != 0;
        var anchor = reader.Long();
        _grid = isAnchored ? new AssetGrid(anchor, _stepTicks) : null;
        for (var n = reader.Count(sizeof(long) + sizeof(int) + sizeof(double)); n > 0; n--)
        {
            var (ticks, metric) = (reader.Long(), reader.Int());
            if (metric < 0 || metric >= _metrics.Length)
                throw new InvalidDataException($"the state has metric {metric}, the profile 0 to {_metrics.Length - 1}");
            _beforeAnchor[(ticks, metric)] = reader.Double();
        }
        for (var n = reader.Count(2 * sizeof(long)); n > 0; n--)
        {
            var open = new OpenStep(_metrics.Length, _stepTicks);
            open.Load(ref reader, _metrics);
            _open.Add(open);
        }
    }

    private SampleOutcome Place(int metric, long ticks, double value)
    {
        if (!double.IsFinite(value)) return SampleOutcome.NotFinite;
        if (_grid is null)
        {
            if (_newest != long.MinValue && ticks < _newest - _latenessTicks && ticks < _earliest) return SampleOutcome.Late;
            var outOfOrder = ticks < _newest;
            _newest = Math.Max(_newest, ticks);
            _earliest = Math.Min(_earliest, ticks);
            if (_beforeAnchor.TryGetValue((ticks, metric), out var seen))
            {
                if (OpenStep.Prefer(value, seen)) _beforeAnchor[(ticks, metric)] = value;
                return SampleOutcome.Duplicate;
            }
            // Where the steps will lie is not known yet: with more than this, the order of arrival decides which samples count.
            var isKept = _beforeAnchor.Count < (long)OpenStep.MostSamples * _metrics.Length;
            if (isKept) _beforeAnchor.Add((ticks, metric), value);
            if (_earliest <= _newest - _latenessTicks) Anchor();
            return !isKept ? SampleOutcome.Crowded : outOfOrder ? SampleOutcome.OutOfOrder : SampleOutcome.Accepted;
        }
        var step = _grid.Value.StepOf(ticks);
        if (step <= _closedThrough || _grid.Value.EndOf(step) <= Watermark) return SampleOutcome.Late;
        var older = ticks < _newest;
        _newest = Math.Max(_newest, ticks);
        var outcome = Cell(step).Put(metric, _metrics[metric].Aggregation, ticks, value);
        return outcome == SampleOutcome.Accepted && older ? SampleOutcome.OutOfOrder : outcome;
    }

    private void Anchor()
    {
        _grid = new AssetGrid(_earliest, _stepTicks);
        foreach (var ((ticks, metric), value) in _beforeAnchor)
            Cell(_grid.Value.StepOf(ticks)).Put(metric, _metrics[metric].Aggregation, ticks, value);
        _beforeAnchor.Clear();
    }

    private OpenStep Cell(long step)
    {
        var at = 0;
        while (at < _open.Count && _open[at].Step > step) at++;
        if (at < _open.Count && _open[at].Step == step) return _open[at];
        var open = _spare.Count > 0 ? _spare.Pop() : new OpenStep(_metrics.Length, _stepTicks);
        open.Clear(step);
        _open.Insert(at, open);
        return open;
    }
}
