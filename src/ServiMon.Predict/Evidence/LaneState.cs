namespace ServiMon.Predict.Evidence;

/// <summary>What is kept for each lane, one array of floats a row.</summary>
internal enum LaneRow
{
    /// <summary>The current value, centred; NaN when missing.</summary>
    Current,

    /// <summary>The last value that was there.</summary>
    Last,

    // Exponentially weighted means, variances and the weight seen so far at the three half-lives.
    MeanFast, MeanMiddle, MeanSlow,
    VarianceFast, VarianceMiddle, VarianceSlow,
    WeightFast, WeightMiddle, WeightSlow,

    /// <summary>Exponentially weighted mean absolute deviation at the slow half-life.</summary>
    AbsoluteDeviation,

    // The asset's own baseline: a mean over its first steps that then follows very slowly.
    BaselineMean, BaselineVariance, BaselineCount,

    /// <summary>Deviation of the newest value from the slow mean in units of its spread.</summary>
    Spike,

    // Cumulative sums against the baseline, upwards and downwards (Page 1954).
    CusumUp, CusumDown,

    /// <summary>Steps since the value changed; for events, since the last event.</summary>
    SinceChange,

    /// <summary>Exponentially weighted share of missing values at the middle half-life.</summary>
    MissingShare,

    /// <summary>The least spread that a deviation is divided by.</summary>
    Floor,

    /// <summary>Deviation of the fast mean from the baseline in units of the baseline's spread.</summary>
    BaselineDeviation,

    /// <summary>The centre of a metric's lane in single precision: what evidence adds to a centred value.</summary>
    Offset,
}

/// <summary>
/// The whole state of one asset's evidence as three arrays: a block of <see cref="LaneRow"/> x lanes floats (structure of arrays, each
/// row padded to a multiple of <see cref="Padding"/>), and the last raw value and its time for each metric.
/// </summary>
internal sealed class LaneState
{
    /// <summary>Lanes are padded to a multiple of this many floats, the width of the vectors that they are advanced by.</summary>
    public const int Padding = 8;

    public static readonly int RowCount = Enum.GetValues<LaneRow>().Length;

    /// <param name="slopeCount">Lanes whose slope is tracked.</param>
    public LaneState(int laneCount, int metricCount, int slopeCount)
    {
        Stride = Padded(laneCount);
        Lanes = new float[Stride * RowCount];
        RawValue = new double[metricCount];
        RawTicks = new long[metricCount];
        Centre = new double[metricCount];
        Slopes = new double[slopeCount * SlopeTracker.StateSize];
        Reset();
    }

    public int Stride { get; }

    public float[] Lanes { get; }

    /// <summary>Last raw value that was there, NaN before the first.</summary>
    public double[] RawValue { get; }

    public long[] RawTicks { get; }

    /// <summary>For each lane of a metric, what is subtracted from its values so that single precision suffices: the first; 0 for events.</summary>
    public double[] Centre { get; }

    /// <summary>Running sums of the lanes' slopes, <see cref="SlopeTracker.StateSize"/> each.</summary>
    public double[] Slopes { get; }

    /// <summary>Step of the last frame, or <see cref="long.MinValue"/> before the first.</summary>
    public long Step { get; set; }

    /// <summary>Step of the last frame that held a sample, or <see cref="long.MinValue"/>.</summary>
    public long SampleStep { get; set; }

    public long LastTicks { get; set; }

    /// <summary>Steps since the first sample after the start or the last reset, missing ones included.</summary>
    public long StepCount { get; set; }

    /// <summary>Step of the unit's first frame, or <see cref="long.MinValue"/>: silences do not make it younger.</summary>
    public long BirthStep { get; set; }

    public float this[LaneRow row, int lane] => Lanes[(int)row * Stride + lane];

    public Span<float> Row(LaneRow row) => Lanes.AsSpan((int)row * Stride, Stride);

    /// <summary>The least number of lanes that holds the count and fills whole vectors.</summary>
    public static int Padded(int laneCount) => (laneCount + Padding - 1) / Padding * Padding;

    public void Reset()
    {
        Array.Clear(Lanes);
        Row(LaneRow.Last).Fill(float.NaN);
        Row(LaneRow.Current).Fill(float.NaN);
        Array.Fill(RawValue, double.NaN);
        Array.Fill(RawTicks, long.MinValue);
        Array.Fill(Centre, double.NaN);
        Array.Clear(Slopes);
        Step = long.MinValue;
        SampleStep = long.MinValue;
        LastTicks = long.MinValue;
        StepCount = 0;
        BirthStep = long.MinValue;
    }

    public void CopyFrom(LaneState other)
    {
        other.Lanes.AsSpan().CopyTo(Lanes);
        other.RawValue.AsSpan().CopyTo(RawValue);
        other.RawTicks.AsSpan().CopyTo(RawTicks);
        other.Centre.AsSpan().CopyTo(Centre);
        other.Slopes.AsSpan().CopyTo(Slopes);
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
        writer.Longs(RawTicks);
        writer.Doubles(Centre);
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
        reader.Longs(RawTicks);
        reader.Doubles(Centre);
        reader.Doubles(Slopes);
        Step = reader.Long();
        SampleStep = reader.Long();
        LastTicks = reader.Long();
        StepCount = reader.Long();
        BirthStep = reader.Long();
    }
}
