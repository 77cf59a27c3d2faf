using System.Globalization;

namespace ServiMon.Predict.Load;

/// <summary>Durations, and what share of them was below what. Safe for several threads.</summary>
internal sealed class Spread
{
    private readonly List<double> _milliseconds = [];

    public int Count
    {
        get { lock (_milliseconds) return _milliseconds.Count; }
    }

    public void Add(TimeSpan duration)
    {
        lock (_milliseconds) _milliseconds.Add(duration.TotalMilliseconds);
    }

    /// <summary>Forgets what was there so far.</summary>
    public void Clear()
    {
        lock (_milliseconds) _milliseconds.Clear();
    }

    /// <summary>The value that this share does not exceed, in milliseconds; NaN without any (nearest rank).</summary>
    public double At(double share)
    {
        lock (_milliseconds)
        {
            if (_milliseconds.Count == 0) return double.NaN;
            _milliseconds.Sort();
            return _milliseconds[Math.Clamp((int)Math.Ceiling(share * _milliseconds.Count) - 1, 0, _milliseconds.Count - 1)];
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, most {At(1):0.0} ms of {Count}");
}
