using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Spikes: the distance of a value from the exponentially weighted mean m, in units of the exponentially weighted mean absolute deviation d
/// with a floor, z = (x - m) / (1.25 d + 0.2 s), s the deviation of everything seen.
/// </summary>
/// <remarks>
/// 1.25 d is the standard deviation of a Gaussian (sqrt(pi / 2) = 1.2533). Without the floor a quiet stretch makes any step infinite.
/// Updates are winsorised, so a spike widens neither m nor d by more than four deviations' worth. The verdict's bar of 4 was chosen on
/// one half of the series of the Microsoft cloud monitoring set and checked on the other.
/// </remarks>
internal sealed class SpikeChannel
{
    /// <summary>Half-life of m and d, in values.</summary>
    private static readonly double Forgetting = 1 - Math.Pow(2, -1.0 / 60);

    private const double DeviationFactor = 1.25;
    private const double FloorFactor = 0.2;
    private const double WinsorLimit = 4;
    private const double VerdictLimit = 4;

    /// <summary>Values before updates are winsorised and verdicts given.</summary>
    private const int WarmUpCount = 30;

    private readonly TailProbability _tail = new();
    private double _mean;
    private double _deviation;
    private RunningMoments _past;
    private int _count;

    /// <summary>The p-value and verdict of a finite <paramref name="value"/>; then learns from it.</summary>
    public (double PValue, bool IsSpike) Observe(double value)
    {
        var scale = DeviationFactor * _deviation + FloorFactor * _past.Deviation;
        var difference = value - _mean;
        // Leaving an exactly constant past is a spike, of a size that nothing is known about.
        var z = scale > 0 ? difference / scale : VerdictLimit * Math.Sign(difference);
        var warm = _count >= WarmUpCount;
        var magnitude = Math.Abs(z);
        var pValue = warm ? _tail.PValue(magnitude) : 1;
        if (warm) _tail.Add(magnitude);

        Learn(value, warm && magnitude > WinsorLimit ? Math.Sign(z) * WinsorLimit * scale : difference);
        return (pValue, warm && magnitude >= VerdictLimit);
    }

    private void Learn(double value, double difference)
    {
        _count++;
        var rate = Math.Max(Forgetting, 1.0 / _count);
        _mean += rate * difference;
        if (_count > 1) _deviation += Math.Max(Forgetting, 1.0 / (_count - 1)) * (Math.Abs(difference) - _deviation);
        _past.Add(value);
    }
}
