namespace ServiMon.Predict.Statistics;

/// <summary>Mean and variance of everything added, one value at a time (Welford 1962).</summary>
public struct RunningMoments
{
    private double _squares;

    public long Count { get; private set; }

    public double Mean { get; private set; }

    /// <summary>The population's standard deviation; 0 below two values.</summary>
    public readonly double Deviation => Count > 0 ? Math.Sqrt(_squares / Count) : 0;

    public void Add(double value)
    {
        Count++;
        var difference = value - Mean;
        Mean += difference / Count;
        _squares += difference * (value - Mean);
    }
}
