namespace ServiMon.Predict.Detection;

/// <summary>
/// What each hour of the day (UTC) usually brings, and how far a value lies from it in units of the usual distance. The slot comes from
/// the time, so gaps and irregular sampling do not shift the season.
/// </summary>
internal sealed class HourOfDaySeason
{
    private const int SlotCount = 24;

    /// <summary>Least weight of a new value in its slot's mean.</summary>
    private const double SlotRate = 0.1;

    /// <summary>Least weight of a new residual in the mean absolute residual: a half-life of about 350 values.</summary>
    private const double ResidualRate = 0.002;

    /// <summary>A slot is compared with from its third value on.</summary>
    private const int SlotWarmUpCount = 2;

    private readonly double[] _means = new double[SlotCount];
    private readonly int[] _counts = new int[SlotCount];
    private double _meanResidual;
    private int _residualCount;

    /// <summary>The deviation of <paramref name="value"/> from its hour, 0 or more; then learns from it.</summary>
    public double Observe(long ticks, double value)
    {
        var slot = (int)(ticks % TimeSpan.TicksPerDay / TimeSpan.TicksPerHour);
        var residual = Math.Abs(value - _means[slot]);
        var deviation = 0.0;
        if (_counts[slot] >= SlotWarmUpCount)
        {
            if (_meanResidual > 0) deviation = residual / _meanResidual;
            _residualCount++;
            _meanResidual += Math.Max(ResidualRate, 1.0 / _residualCount) * (residual - _meanResidual);
        }

        _counts[slot]++;
        _means[slot] += Math.Max(SlotRate, 1.0 / _counts[slot]) * (value - _means[slot]);
        return deviation;
    }
}
