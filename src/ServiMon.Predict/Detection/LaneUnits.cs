namespace ServiMon.Predict.Detection;

/// <summary>
/// Keeps single precision sufficient: each lane's values are taken relative to a centre and in units of a power of two. Both are renewed
/// when the lane has gone far from its centre or changed its scale, and everything kept is moved along.
/// </summary>
internal static class LaneUnits
{
    /// <summary>The exponent before a difference has been seen.</summary>
    public const float Unset = -2000;

    /// <summary>Larger values are taken as this large: differences of more would overflow.</summary>
    private const double Bound = 1e300;

    /// <summary>A mean farther from the centre than this many scales moves the centre: 14 of 24 bits are left for the deviations.</summary>
    private const float FarScales = 1024;

    /// <summary>Squares of values, summed over a window, stay far from both ends of a float within 2^-20 to 2^20.</summary>
    private const int WideExponent = 20;

    /// <summary>A value so many units away changes the unit at once.</summary>
    private const float FarUnits = 1 << 30;

    private const int FarExponent = 10;

    /// <summary>The value in the lane's units; the first value becomes the centre, the first difference the unit.</summary>
    public static float Take(DetectorState state, int lane, double value)
    {
        value = Math.Clamp(value, -Bound, Bound);
        ref var centre = ref state.Centre[lane];
        if (double.IsNaN(centre)) centre = value;
        var difference = value - centre;
        if (difference == 0) return 0;
        ref var exponent = ref state[DetectorRow.Exponent, lane];
        if (exponent == Unset) exponent = Math.ILogB(difference);
        var scaled = Scaled(difference, (int)exponent);
        if (Math.Abs(scaled) < FarUnits) return (float)scaled;
        Rescale(state, lane, Math.ILogB(difference) - FarExponent - (int)exponent);
        return (float)Scaled(difference, (int)exponent);
    }

    /// <summary>Renews centre and unit where the lane has left them; to be called now and then.</summary>
    public static void Renew(DetectorState state, int lane)
    {
        var scale = SpikeStatistic.DeviationFactor * state[DetectorRow.Deviation, lane]
            + SpikeStatistic.FloorFactor * MathF.Sqrt(state[DetectorRow.PastVariance, lane]);
        if (!(scale > 0)) return;
        var mean = state[DetectorRow.Mean, lane];
        if (Math.Abs(mean) > FarScales * scale)
        {
            var moved = state.Centre[lane] + Math.ScaleB(mean, (int)state[DetectorRow.Exponent, lane]);
            // Exactly what the doubles can tell apart: the centre may sit less finely than the mean.
            Shift(state, lane, (float)Scaled(moved - state.Centre[lane], (int)state[DetectorRow.Exponent, lane]));
            state.Centre[lane] = moved;
        }

        var exponent = Math.ILogB(scale);
        if (Math.Abs(exponent) > WideExponent) Rescale(state, lane, exponent);
    }

    private static double Scaled(double difference, int exponent) => Math.ScaleB(difference, -exponent);

    private static void Shift(DetectorState state, int lane, float by)
    {
        foreach (var row in LevelRows) state[row, lane] -= by;
        for (var slot = 0; slot < DetectorState.SlotCount; slot++) state[DetectorRow.Slots + slot, lane] -= by;
        Cells.Shift(state, lane, by);
    }

    private static void Rescale(DetectorState state, int lane, int exponent)
    {
        var factor = (float)Math.ScaleB(1, Math.Clamp(-exponent, -120, 120));
        var square = factor * factor;
        state[DetectorRow.Exponent, lane] += Math.Clamp(exponent, -120, 120);
        foreach (var row in LevelRows) state[row, lane] *= factor;
        foreach (var row in DeviationRows) state[row, lane] *= factor;
        foreach (var row in SquareRows) state[row, lane] = Finite(state[row, lane] * factor * factor);
        for (var slot = 0; slot < DetectorState.SlotCount; slot++) state[DetectorRow.Slots + slot, lane] *= factor;
        Cells.Rescale(state, lane, factor, square);
    }

    private static float Finite(float value) => Math.Min(value, float.MaxValue);

    private static readonly DetectorRow[] LevelRows =
        [DetectorRow.Mean, DetectorRow.PastMean, DetectorRow.Last, DetectorRow.Min, DetectorRow.Max, DetectorRow.LevelMean,
         DetectorRow.ShortMean, DetectorRow.BlockMean];

    private static readonly DetectorRow[] DeviationRows =
        [DetectorRow.Deviation, DetectorRow.SlotDeviation, DetectorRow.SlotResidual];

    private static readonly DetectorRow[] SquareRows =
        [DetectorRow.PastVariance, DetectorRow.DifferenceSquare, DetectorRow.LevelVariance,
         DetectorRow.ShortVariance, DetectorRow.BlockVariance];
}
