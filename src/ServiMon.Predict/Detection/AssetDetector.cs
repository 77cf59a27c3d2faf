using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// The detector of K metrics that come together, step by step and causal: every value is scored against what came before it in its own
/// metric, then learned from. One metric is a plain series.
/// </summary>
/// <remarks>
/// Three channels that answer different questions and are not merged: novelty (<see cref="DetectionRow.Score"/>), spike
/// (<see cref="DetectionRow.PValue"/>) and changepoint (the back-dated location); and <see cref="Health"/> for stuck, missing and slowly
/// drifting metrics. O(1) and no allocation for a value. Metric by metric the arithmetic is the same, to the bit, wherever the metric
/// stands and whatever the others do, as long as the steps are the same. Steps need no fixed spacing. Not thread-safe.
/// </remarks>
public sealed class AssetDetector
{
    /// <summary>What a detector takes besides the state of its metrics.</summary>
    private static readonly int ObjectBytes = 6 * sizeof(long) + Unsafe.SizeOf<CellClock>() + Unsafe.SizeOf<DetectorState>();

    private readonly DetectorState _state;
    private CellClock _clock = new();

    /// <param name="metricCount">K, at least 1.</param>
    /// <param name="options">What the user may choose; null for the defaults.</param>
    /// <exception cref="InputException">When an option is out of range.</exception>
    public AssetDetector(int metricCount, DetectorOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(metricCount, 1);
        Options = (options ?? DetectorOptions.Default).Checked();
        _state = new DetectorState(metricCount);
    }

    public DetectorOptions Options { get; }

    public int MetricCount => _state.LaneCount;

    /// <summary>Steps taken.</summary>
    public long StepCount => _clock.Count;

    /// <summary>The time of the last step, UTC, 100 ns; <see cref="long.MinValue"/> before the first.</summary>
    public long LastTicks => _clock.LastTicks;

    /// <summary>Values that were missing or not finite.</summary>
    public long MissingCount { get; private set; }

    /// <summary>Steps whose time lay before the latest one; they are neutral and change nothing.</summary>
    public long LateCount { get; private set; }

    /// <summary>Steps whose time was the latest one; likewise.</summary>
    public long DuplicateCount { get; private set; }

    /// <summary>Bytes of state, for all metrics together.</summary>
    public int StateBytes => _state.Bytes + _clock.Bytes;

    /// <summary>The p-value at and below which a spike is one: what gives <see cref="DetectorOptions.FalseAlarmsPerDay"/> at this spacing.</summary>
    public double SpikeBar
    {
        get
        {
            var spacing = Options.Step is { } step ? step.Ticks : _clock.Spacing;
            return Math.Min(1, Options.FalseAlarmsPerDay * spacing / TimeSpan.TicksPerDay);
        }
    }

    /// <summary>Judges the step at <paramref name="ticks"/> (UTC, 100 ns) by the steps before it, then learns from it.</summary>
    /// <param name="ticks">The step's time.</param>
    /// <param name="values">K values, each in its metric's own unit; NaN for missing.</param>
    /// <param name="rows">Receives K outcomes.</param>
    [SkipLocalsInit]
    public void Observe(long ticks, ReadOnlySpan<double> values, Span<DetectionRow> rows)
    {
        if (values.Length != MetricCount) throw new ArgumentException($"{values.Length} values for {MetricCount} metrics", nameof(values));
        if (rows.Length != MetricCount) throw new ArgumentException($"room for {rows.Length} outcomes of {MetricCount} metrics", nameof(rows));
        if (ticks <= _clock.LastTicks)
        {
            if (ticks == _clock.LastTicks) DuplicateCount++;
            else LateCount++;
            rows.Fill(DetectionRow.Neutral);
            return;
        }

        _clock.Step(ticks);
        var step = new Step(SlotPlace.Of(ticks, Options.Zone, _clock.Spacing >= HourSlots.SparseSpacing), SpikeBar);
        Span<float> shares = stackalloc float[HourSlots.Count];
        shares = shares[..(Cells.ClosesBlock(_clock.Count) && _clock.Spacing >= HourSlots.SparseSpacing ? HourSlots.Count : 0)];
        if (!shares.IsEmpty) HourSlots.Share(_clock.StartOf(Cells.ClosedAge), _clock.StartOf(Cells.ClosedAge - Cells.BlockSteps), Options.Zone, shares);
        for (var lane = 0; lane < MetricCount;)
        {
            var width = _state.WidthAt(lane);
            _state.Prefetch(lane + width);
            var block = new Block(this, values.Slice(lane, width), step, shares, rows.Slice(lane, width));
            LaneBlocks.Visit(width, lane, ref block);
            lane += width;
        }
    }

    /// <summary>
    /// Asks the memory for the detectors whose steps come next. Whoever takes a step of many assets calls it before the step of each, by which a
    /// fleet whose state is beyond the caches costs half; it changes nothing else.
    /// </summary>
    /// <param name="upcoming">In the order of their steps: the first is asked for as a whole, the second for where its state is.</param>
    public static void Prefetch(ReadOnlySpan<AssetDetector> upcoming)
    {
        if (upcoming.IsEmpty) return;
        if (upcoming.Length > 1) CacheLines.PrefetchObject(upcoming[1], ObjectBytes);
        upcoming[0]._state.Prefetch(0);
    }

    /// <summary>Signals about the samples of a metric, after the last step.</summary>
    public LaneHealth Health(int metric)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(metric);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(metric, MetricCount);
        return LaneHealth.Of(_state.At(metric));
    }

    /// <summary>Makes this detector's state equal to another's of as many metrics; the options stay.</summary>
    public void CopyFrom(AssetDetector other)
    {
        if (other.MetricCount != MetricCount) throw new ArgumentException($"{other.MetricCount} metrics, not {MetricCount}", nameof(other));
        _state.CopyFrom(other._state);
        _clock.CopyFrom(in other._clock);
        (MissingCount, LateCount, DuplicateCount) = (other.MissingCount, other.LateCount, other.DuplicateCount);
    }

    /// <summary>Writes the whole state in the form of docs/formats/detector-state.md.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(DetectorStateFormat.Version);
        writer.Int(MetricCount);
        writer.Long(MissingCount);
        writer.Long(LateCount);
        writer.Long(DuplicateCount);
        _clock.Save(writer);
        DetectorStateFormat.Write(_state, writer);
    }

    /// <summary>Takes a saved state over; going on gives the same bits as never having stopped.</summary>
    /// <exception cref="InvalidDataException">When the bytes are of another version, of another number of metrics, or damaged.</exception>
    public void Load(ref StateReader reader)
    {
        var version = DetectorStateFormat.Checked(reader.Byte());
        var metrics = reader.Int();
        if (metrics != MetricCount) throw new InvalidDataException($"the state is of {metrics} metrics, not of {MetricCount}");
        MissingCount = reader.Long();
        LateCount = reader.Long();
        DuplicateCount = reader.Long();
        _clock.Load(ref reader);
        DetectorStateFormat.Read(_state, version, ref reader);
        if (version >= DetectorStateFormat.SumsOfAllCells) return;
        for (var lane = 0; lane < MetricCount; lane += _state.WidthAt(lane))
        {
            var sums = new Sums(_state, _clock.Count);
            LaneBlocks.Visit(_state.WidthAt(lane), lane, ref sums);
        }
    }

    [SkipLocalsInit]
    private void Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> lanes, ReadOnlySpan<double> values, in Step step, ReadOnlySpan<float> shares, Span<DetectionRow> rows)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var count = _clock.Count;
        var x = Take(lanes, values);
        LaneHealth.Advance(lanes, x);
        var (z, hour) = SpikeStatistic.Advance(lanes, x, step.Place, count);
        Cells.Append(lanes, x, count);
        var closes = Cells.ClosesBlock(count);
        if (closes) DriftStatistic.Advance(lanes, Cells.ClosedBlock(count), shares);
        var levels = Cells.Levels(lanes);
        var scores = NoveltyStatistic.Advance(lanes, x, levels, hour, count);
        ChangepointStatistic.Age(lanes);
        var ages = ChangepointStatistic.LooksAt(count)
            ? ChangepointStatistic.Look(lanes, x, levels, new LookTime(in _clock, Options.Zone)) : default;
        if (closes)
            for (var i = 0; i < rows.Length; i++) LaneUnits.Renew(lanes[i]);
        Unsafe.SkipInit(out Sixteen<double> judged);
        Span<double> p = judged;
        TailBins.Judge(lanes, z, step.Bar, Options.Direction, p[..rows.Length]);
        Unsafe.SkipInit(out Sixteen<float> novelty);
        scores.CopyTo(novelty);
        var changed = TVector.GreaterThan(ages, TVector.Zero).ExtractMostSignificantBits();
        var warm = TVector.Equals(z, z).ExtractMostSignificantBits();
        for (var i = 0; i < rows.Length; i++)
        {
            // A change is told once and brings its location, so it goes before a spike at the same step.
            if ((changed >> i & 1) != 0) rows[i] = new DetectionRow(novelty[i], p[i], Verdict.Changepoint, _clock.StartOf((int)ages[i]));
            else rows[i] = new DetectionRow(novelty[i], p[i], (warm >> i & 1) != 0 && p[i] <= step.Bar ? Verdict.Spike : Verdict.None, null);
            if (p[i] <= step.Bar * JumpStatistic.BarShare && (warm >> i & 1) != 0 && (changed >> i & 1) == 0) JumpStatistic.Remember(lanes[i], count);
        }
    }

    [SkipLocalsInit]
    private TVector Take<TWidth, TVector>(LaneBlock<TWidth, TVector> lanes, ReadOnlySpan<double> values)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        // What is put together in memory is waited for: a store that is wider than those before it cannot be read from them.
        if (TWidth.Count == 1) return Unsafe.BitCast<Floats4, TVector>(new(Vector128.Create(float.NaN).WithElement(0, TakeOne(lanes, values, 0))));
        if (TWidth.Count <= 4)
        {
            var few = Vector128.Create(float.NaN).WithElement(0, TakeOne(lanes, values, 0)).WithElement(1, TakeOne(lanes, values, 1));
            if (TWidth.Count > 2) few = few.WithElement(2, TakeOne(lanes, values, 2));
            if (TWidth.Count > 3) few = few.WithElement(3, TakeOne(lanes, values, 3));
            return Unsafe.BitCast<Floats4, TVector>(new(few));
        }

        Unsafe.SkipInit(out Sixteen<float> taken);
        TVector.Create(float.NaN).CopyTo(taken);
        for (var i = 0; i < values.Length; i++) taken[i] = TakeOne(lanes, values, i);
        return TVector.Create(taken);
    }

    /// <summary>A value in its lane's units, NaN for missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float TakeOne<TWidth, TVector>(LaneBlock<TWidth, TVector> lanes, ReadOnlySpan<double> values, int i)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (LaneUnits.TryTake(values[i], lanes.Centre(i), lanes.Of(DetectorRow.Exponent, i), out var known)) return known;
        if (double.IsFinite(values[i])) return LaneUnits.Take(lanes[i], values[i]);
        MissingCount++;
        return float.NaN;
    }

    /// <summary>A step of one block.</summary>
    private readonly ref struct Block(AssetDetector detector, ReadOnlySpan<double> values, Step step, ReadOnlySpan<float> shares, Span<DetectionRow> rows) : IBlockVisitor
    {
        private readonly ReadOnlySpan<double> _values = values;
        private readonly Step _step = step;
        private readonly ReadOnlySpan<float> _shares = shares;
        private readonly Span<DetectionRow> _rows = rows;

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
            detector.Advance(detector._state.Block<TWidth, TVector>(lane), _values, _step, _shares, _rows);
    }

    /// <summary>Sums up the cells of one block.</summary>
    private readonly struct Sums(DetectorState state, long count) : IBlockVisitor
    {
        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
            Cells.Sum(state.Block<TWidth, TVector>(lane), count);
    }

    /// <summary>What is the same for all lanes at a step.</summary>
    private readonly struct Step(SlotPlace place, double bar)
    {
        public SlotPlace Place { get; } = place;

        public double Bar { get; } = bar;
    }
}
