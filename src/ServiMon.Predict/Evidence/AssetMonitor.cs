using System.Buffers;
using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// One asset's evidence: the state of all its metrics in one block of arrays, and the one way to advance it. Live scoring, training and
/// backtests all call <see cref="Advance"/>; there is no other implementation of a feature.
/// </summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class AssetMonitor
{
    /// <summary>Up to so many floats of what is known at a step alone, about 200 metrics, are on the stack (4 KB).</summary>
    private const int StackFloats = 1024;

    /// <summary>Of so many values a vector makes no less work.</summary>
    private const int FewMetrics = 8;

    /// <summary>Error of a rate x that is read back, as a share of 1 + |x|: that of single precision on a logarithm of up to 100.</summary>
    internal const double RateError = 1e-5;

    /// <summary>What a monitor takes besides its state.</summary>
    private static readonly int ObjectBytes = 4 * sizeof(long) + Unsafe.SizeOf<LaneRates>();

    private readonly LaneState _state;
    private LaneRates _rates;
    private long _spreadSteps;

    public AssetMonitor(EvidenceModel model)
    {
        Model = model;
        _rates = model.Rates;
        _state = new LaneState(model);
    }

    public EvidenceModel Model { get; }

    /// <summary>Steps since the first sample after the start or the last <see cref="Reset"/>, missing ones included.</summary>
    public long StepCount => _state.StepCount;

    /// <summary>UTC ticks of the newest sample seen, or <see cref="long.MinValue"/>.</summary>
    public long LastTicks => _state.LastTicks;

    /// <summary>True while the steps since the first sample span no more than the profile's warm-up.</summary>
    public bool IsWarmingUp => _state.StepCount <= Model.Profile.WarmUp / Model.Profile.Step;

    /// <summary>True when the frames so far end in a silence longer than the profile's <c>stale_after</c>.</summary>
    public bool IsStale => _state.Step != long.MinValue
        && (_state.Step - (_state.SampleStep != long.MinValue ? _state.SampleStep : _state.BirthStep)) * Model.Profile.Step > Model.Profile.StaleAfter;

    /// <summary>The limit that is reached first at the present pace, null when none is approached.</summary>
    public LimitReading? UrgentLimit => MechanismReading.Urgent(Model, _state);

    /// <summary>The limit with the least room, null when none was ever seen.</summary>
    public LimitReading? FullestLimit => MechanismReading.Fullest(Model, _state);

    /// <summary>The health probe with the most failures in a row, null when none is failing.</summary>
    public ProbeReading? FailingProbe => MechanismReading.FailingProbe(Model, _state);

    /// <summary>Steps in a row, up to the last frame, for which none of the metrics seen before came.</summary>
    public long MissingStepCount => (long)UniversalEvidence.MissingRun(Model, _state);

    /// <summary>
    /// Takes the asset's next frame. Steps since the last one count as missing; after a silence longer than the profile's
    /// <c>stale_after</c> the asset starts anew, with a baseline of its own.
    /// </summary>
    /// <param name="frame">A later step than the last one's.</param>
    /// <param name="evidence">Filled with the evidence vector (<see cref="EvidenceLayout.Width"/> entries, NaN for missing), or empty to skip that.</param>
    /// <param name="values">Filled with the K values after rate and scale, NaN for missing, or empty to skip that.</param>
    [SkipLocalsInit]
    public void Advance(in Frame frame, Span<float> evidence, Span<double> values = default)
    {
        if (frame.Step <= _state.Step)
            throw new ArgumentException($"frame of step {frame.Step} after step {_state.Step}: frames go forward", nameof(frame));
        var hasSamples = HasSamples(frame.Values);
        if (hasSamples && _state.SampleStep != long.MinValue && frame.Step - _state.SampleStep - 1 > Model.StaleSteps)
            Renew();
        if (_state.BirthStep == long.MinValue) _state.BirthStep = frame.Step;
        var size = LaneScratch.SizeOf(Model);
        var rented = size > StackFloats ? ArrayPool<float>.Shared.Rent(size) : null;
        var scratch = new LaneScratch(Model, rented ?? stackalloc float[StackFloats]);
        PassMissing(frame.Step, scratch);
        LaneInput.Write(Model, _state, frame, scratch, values);
        Run(scratch);
        _state.Step = frame.Step;
        if (hasSamples || _state.SampleStep != long.MinValue) _state.StepCount++;
        if (hasSamples)
        {
            _state.SampleStep = frame.Step;
            _state.LastTicks = frame.Ticks;
        }
        if (!evidence.IsEmpty)
        {
            UniversalEvidence.Write(Model, _state, scratch, evidence);
            LaneEvidence.Write(Model, _state, scratch, evidence[UniversalEvidence.Count..]);
        }

        if (rented is not null) ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>
    /// Asks the memory for the monitors whose steps come next. Whoever takes a step of many assets calls it before the step of each; it changes nothing else.
    /// </summary>
    /// <param name="upcoming">In the order of their steps: the first is asked for as a whole, the two after it for where their state is.</param>
    public static void Prefetch(ReadOnlySpan<AssetMonitor> upcoming)
    {
        if (upcoming.IsEmpty) return;
        if (upcoming.Length > 2) CacheLines.PrefetchObject(upcoming[2], ObjectBytes);
        if (upcoming.Length > 1) CacheLines.PrefetchObject(upcoming[1]._state, LaneState.ObjectBytes);
        upcoming[0]._state.Prefetch();
    }

    /// <summary>
    /// Reads the newest value of each metric back from the state, after rate and scale: NaN where none was there. Rates are known to
    /// <see cref="RateError"/>, and where metrics are standardised by regime not at all.
    /// </summary>
    /// <param name="values">K places.</param>
    public void ReadValues(Span<double> values)
    {
        for (var lane = 0; lane < values.Length; lane++)
        {
            var (m, kind, scale) = Model.MetricLanes[lane];
            values[m] = kind != Profiles.MetricKind.Counter ? scale * _state.RawValue[m]
                : Model.Regimes is not null && lane < Model.TrackedCount ? double.NaN
                : LaneInput.FromSignedLog(LaneEvidence.Known(_state, LaneRow.Last, lane) + _state.Centre[lane]);
        }
    }

    /// <summary>Forgets everything: the asset was repaired, maintained or away, and begins a new life.</summary>
    public void Reset()
    {
        _state.Reset();
        (_rates, _spreadSteps) = (Model.Rates, 0);
    }

    /// <summary>Makes this monitor's state equal to another's of the same model.</summary>
    public void CopyFrom(AssetMonitor other)
    {
        if (!ReferenceEquals(other.Model, Model)) throw new ArgumentException("the monitors have different models", nameof(other));
        _state.CopyFrom(other._state);
        (_rates, _spreadSteps) = (other._rates, other._spreadSteps);
    }

    /// <summary>
    /// Passes over steps that nobody looks at: neither missing nor silent. Averages stay what they were and are renewed by the steps that follow;
    /// the baseline, which is far slower, takes each of the next steps for several, so that it has moved in the end by as much as if all had
    /// been seen. For training on parts of a history; a live asset skips nothing.
    /// </summary>
    /// <param name="next">The next step that is looked at.</param>
    /// <param name="spreadSteps">Steps from there on that stand for those left out; at least 1.</param>
    internal void Skip(long next, long spreadSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spreadSteps, 1);
        var left = _state.Step == long.MinValue ? 0 : next - _state.Step - 1;
        if (left <= 0) return;
        _state.Step += left;
        if (_state.SampleStep != long.MinValue)
        {
            _state.SampleStep += left;
            _state.StepCount += left;
        }
        // A total from before is no ground for a rate: there may have been a reset in between.
        for (var m = 0; m < _state.RawValue.Length; m++)
            if (Model.Profile.Metrics[m].Kind == Profiles.MetricKind.Counter) _state.RawValue[m] = double.NaN;
        var steps = (double)(left + spreadSteps) / spreadSteps;
        _rates = Model.Rates with { BaselineRate = (float)(1 - Math.Pow(1 - Model.Rates.BaselineRate, steps)) };
        _spreadSteps = spreadSteps;
    }

    /// <summary>Writes the whole state; only a monitor of an <see cref="EvidenceModel"/> with the same <see cref="EvidenceModel.Digest"/> can load it.</summary>
    public void Save(StateWriter writer) => _state.Save(writer);

    /// <exception cref="InvalidDataException">When the bytes end too early.</exception>
    public void Load(ref StateReader reader) => _state.Load(ref reader);

    /// <summary>Starts the evidence anew; the unit is as old as it was.</summary>
    public void Renew()
    {
        var birth = _state.BirthStep;
        Reset();
        _state.BirthStep = birth;
    }

    private static bool HasSamples(ReadOnlySpan<double> values)
    {
        if (values.Length > FewMetrics) return values.ContainsAnyInRange(double.MinValue, double.MaxValue);
        foreach (var value in values)
            if (double.IsFinite(value)) return true;
        return false;
    }

    private void PassMissing(long next, in LaneScratch scratch)
    {
        if (_state.Step == long.MinValue) return;
        var gap = next - _state.Step - 1;
        for (var i = 0; i < Math.Min(gap, Model.GapCap); i++)
        {
            LaneInput.Blank(Model, scratch);
            Run(scratch);
        }
        if (_state.SampleStep != long.MinValue) _state.StepCount += gap;
    }

    private void Run(in LaneScratch scratch)
    {
        var lanes = Model.Lanes;
        LaneKernel.Advance<MetricKindOfLane>(Model, _state, scratch, _rates, lanes.Metrics);
        LaneKernel.Advance<RatioKindOfLane>(Model, _state, scratch, _rates, lanes.Ratios);
        LaneKernel.Advance<ShareKindOfLane>(Model, _state, scratch, _rates, lanes.Shares);
        if (!Model.Limits.IsEmpty) SlopeTracker.Advance(Model, _state, scratch);
        AnomalyLevel.Write(Model, scratch);
        LaneKernel.Advance<AnomalyKindOfLane>(Model, _state, scratch, _rates, lanes.Anomalies);
        if (_spreadSteps > 0 && --_spreadSteps == 0) _rates = Model.Rates;
    }
}
