using System.Runtime.CompilerServices;

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

    /// <summary>Powers of two up to this exponent are doubles whose reciprocals are doubles too.</summary>
    private const int PlainExponent = 1000;

    /// <summary>The value in the lane's units, where they are known and fit it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(double value, double centre, float exponent, out float taken)
    {
        // Neither is true of a centre or an exponent that is not known yet, nor of a value beyond the bound.
        var difference = value - centre;
        var scaled = difference * BitConverter.Int64BitsToDouble((1023L - (int)exponent) << 52);
        taken = (float)scaled;
        return Math.Abs(value) <= Bound & Math.Abs(exponent) <= PlainExponent & Math.Abs(scaled) < FarUnits;
    }

    /// <summary>The value in the lane's units; the first value becomes the centre, the first difference the unit.</summary>
    public static float Take(in Lane lane, double value)
    {
        value = Math.Clamp(value, -Bound, Bound);
        ref var centre = ref lane.Centre;
        if (double.IsNaN(centre)) centre = value;
        var difference = value - centre;
        if (difference == 0) return 0;
        ref var exponent = ref lane[DetectorRow.Exponent];
        if (exponent == Unset) exponent = Math.ILogB(difference);
        var scaled = Scaled(difference, (int)exponent);
        if (Math.Abs(scaled) < FarUnits) return (float)scaled;
        Rescale(lane, Math.ILogB(difference) - FarExponent - (int)exponent);
        return (float)Scaled(difference, (int)exponent);
    }

    /// <summary>Renews centre and unit where the lane has left them; to be called now and then.</summary>
    public static void Renew(in Lane lane)
    {
        var scale = SpikeStatistic.DeviationFactor * lane[DetectorRow.Deviation]
            + SpikeStatistic.FloorFactor * MathF.Sqrt(lane[DetectorRow.PastVariance]);
        if (!(scale > 0)) return;
        var mean = lane[DetectorRow.Mean];
        if (Math.Abs(mean) > FarScales * scale)
        {
            var moved = lane.Centre + Math.ScaleB(mean, (int)lane[DetectorRow.Exponent]);
            // Exactly what the doubles can tell apart: the centre may sit less finely than the mean.
            Shift(lane, (float)Scaled(moved - lane.Centre, (int)lane[DetectorRow.Exponent]));
            lane.Centre = moved;
        }

        var exponent = Math.ILogB(scale);
        if (Math.Abs(exponent) > WideExponent) Rescale(lane, exponent);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Scaled(double difference, int exponent) => Math.Abs(exponent) <= PlainExponent
        ? difference * BitConverter.Int64BitsToDouble((1023L - exponent) << 52)
        : Math.ScaleB(difference, -exponent);

    private static void Shift(in Lane lane, float by)
    {
        foreach (var row in LevelRows) lane[row] -= by;
        for (var slot = 0; slot < HourSlots.Count; slot++) lane[DetectorRow.Slots + slot] -= by;
        Cells.Shift(lane, by);
    }

    private static void Rescale(in Lane lane, int exponent)
    {
        var factor = (float)Math.ScaleB(1, Math.Clamp(-exponent, -120, 120));
        lane[DetectorRow.Exponent] += Math.Clamp(exponent, -120, 120);
        foreach (var row in LevelRows) lane[row] *= factor;
        foreach (var row in DeviationRows) lane[row] *= factor;
        foreach (var row in SquareRows) lane[row] = Math.Min(lane[row] * factor * factor, float.MaxValue);
        for (var slot = 0; slot < HourSlots.Count; slot++) lane[DetectorRow.Slots + slot] *= factor;
        Cells.Rescale(lane, factor);
    }

    private static readonly DetectorRow[] LevelRows =
        [DetectorRow.Mean, DetectorRow.PastMean, DetectorRow.Last, DetectorRow.Min, DetectorRow.Max, DetectorRow.LevelMean,
         DetectorRow.ShortMean, DetectorRow.BlockMean];

    private static readonly DetectorRow[] DeviationRows =
        [DetectorRow.Deviation, DetectorRow.SlotDeviation, DetectorRow.SlotResidual];

    private static readonly DetectorRow[] SquareRows =
        [DetectorRow.PastVariance, DetectorRow.DifferenceSquare, DetectorRow.LevelVariance,
         DetectorRow.ShortVariance, DetectorRow.BlockVariance];
}
