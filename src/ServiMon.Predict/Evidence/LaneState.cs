using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Evidence;

/// <summary>The whole state of one asset's evidence: the floats of its lanes, as <see cref="LaneLayout"/> has them, and what takes doubles.</summary>
internal sealed class LaneState
{
    /// <summary>What it takes besides the numbers of lanes.</summary>
    public const int ObjectBytes = 13 * sizeof(long);

    private readonly LaneLayout _layout;
    private readonly double[] _doubles;
    private readonly int _metricCount;
    private readonly int _slopesAt;
    private readonly int _doubleCount;

    public LaneState(EvidenceModel model)
    {
        _layout = model.Lanes;
        _metricCount = model.MetricLanes.Length;
        _slopesAt = 2 * _metricCount + model.CounterCount;
        Lanes = new float[_layout.FloatCount];
        _doubleCount = _slopesAt + model.Limits.Length * SlopeTracker.StateSize;
        _doubles = new double[_doubleCount];
        Reset();
    }

    public float[] Lanes { get; }

    /// <summary>Last raw value of each metric that was there, NaN before the first.</summary>
    public Span<double> RawValue => _doubles.AsSpan(0, _metricCount);

    /// <summary>For each lane of a metric, what is subtracted from its values so that single precision suffices: the first; 0 for events.</summary>
    public Span<double> Centre => _doubles.AsSpan(_metricCount, _metricCount);

    /// <summary>For each counter the time of its last raw value.</summary>
    public Span<long> RawTicks => MemoryMarshal.Cast<double, long>(_doubles.AsSpan(2 * _metricCount, _slopesAt - 2 * _metricCount));

    /// <summary>Running sums of the lanes' slopes, <see cref="SlopeTracker.StateSize"/> each.</summary>
    public Span<double> Slopes => _doubles.AsSpan(_slopesAt);

    /// <summary>Step of the last frame, or <see cref="long.MinValue"/> before the first.</summary>
    public long Step { get; set; }

    /// <summary>Step of the last frame that held a sample, or <see cref="long.MinValue"/>.</summary>
    public long SampleStep { get; set; }

    public long LastTicks { get; set; }

    /// <summary>Steps since the first sample after the start or the last reset, missing ones included.</summary>
    public long StepCount { get; set; }

    /// <summary>Step of the unit's first frame, or <see cref="long.MinValue"/>: silences do not make it younger.</summary>
    public long BirthStep { get; set; }

    /// <summary>A number of a lane; 0 for a lane of which nothing is kept.</summary>
    public float this[LaneRow row, int lane]
    {
        get => _layout.IndexOf(row, lane) is >= 0 and var at ? Lanes[at] : 0;
        set => Lanes[_layout.IndexOf(row, lane)] = value;
    }

    /// <summary>Bytes of state of one asset.</summary>
    public static int BytesOf(EvidenceModel model) => model.Lanes.FloatCount * sizeof(float)
        + (2 * model.MetricLanes.Length + model.CounterCount + model.Limits.Length * SlopeTracker.StateSize) * sizeof(double);

    /// <summary>Asks for all of it, so that it comes while something else is computed.</summary>
    public void Prefetch()
    {
        // The lengths of arrays stand in memory that is asked for here: they are not read, and neither is whether there is one.
        if (Lanes is null || _doubles is null) return;
        CacheLines.Prefetch(ref Unsafe.As<float, byte>(ref MemoryMarshal.GetArrayDataReference(Lanes)), _layout.FloatCount * sizeof(float));
        CacheLines.Prefetch(ref Unsafe.As<double, byte>(ref MemoryMarshal.GetArrayDataReference(_doubles)), _doubleCount * sizeof(double));
    }

    public void Reset()
    {
        Array.Clear(Lanes);
        for (var lane = 0; lane < _layout.Anomalies.First; lane++)
            if (_layout.IndexOf(LaneRow.Last, lane) is >= 0 and var at) Lanes[at] = float.NaN;
        RawValue.Fill(double.NaN);
        Centre.Fill(double.NaN);
        RawTicks.Fill(long.MinValue);
        Slopes.Clear();
        Step = long.MinValue;
        SampleStep = long.MinValue;
        LastTicks = long.MinValue;
        StepCount = 0;
        BirthStep = long.MinValue;
    }

    public void CopyFrom(LaneState other)
    {
        other.Lanes.AsSpan().CopyTo(Lanes);
        other._doubles.AsSpan().CopyTo(_doubles);
        Step = other.Step;
        SampleStep = other.SampleStep;
        LastTicks = other.LastTicks;
        StepCount = other.StepCount;
        BirthStep = other.BirthStep;
    }

    public void Save(StateWriter writer)
    {
        writer.Floats(Lanes);
        writer.Doubles(RawValue);
        writer.Doubles(Centre);
        writer.Longs(RawTicks);
        writer.Doubles(Slopes);
        writer.Long(Step);
        writer.Long(SampleStep);
        writer.Long(LastTicks);
        writer.Long(StepCount);
        writer.Long(BirthStep);
    }

    public void Load(ref StateReader reader)
    {
        reader.Floats(Lanes);
        reader.Doubles(RawValue);
        reader.Doubles(Centre);
        reader.Longs(RawTicks);
        reader.Doubles(Slopes);
        Step = reader.Long();
        SampleStep = reader.Long();
        LastTicks = reader.Long();
        StepCount = reader.Long();
        BirthStep = reader.Long();
    }
}
