namespace ServiMon.Predict.Testing.Streams;

/// <summary>
/// One thing that takes a stream of steps and says something about each, as the contract suite sees it: detectors today, live forecasters
/// likewise. A test project derives one class for each type under contract; the suite finds them by reflection.
/// </summary>
public abstract class StreamSubject
{
    /// <summary>The type under contract.</summary>
    public abstract Type Subject { get; }

    /// <summary>Values that each step takes.</summary>
    public abstract int Width { get; }

    /// <summary>Begins anew, with the seed where there is one.</summary>
    public abstract void Restart(int seed);

    /// <summary>Takes a step, and gives what was said about it as numbers that are equal only when every bit is.</summary>
    public abstract double[] Observe(long ticks, ReadOnlySpan<double> values);

    /// <summary>Takes the state of another subject of the same class.</summary>
    public abstract void CopyFrom(StreamSubject other);

    public abstract void Save(StateWriter writer);

    public abstract void Load(ref StateReader reader);

    /// <summary>A p-value or another number within [0, 1] among what is said, or null.</summary>
    public virtual int? ProbabilityAt => null;

    /// <summary>Whether what was said is what is said of a step about which nothing is remarkable.</summary>
    public abstract bool IsNeutral(double[] said);
}
