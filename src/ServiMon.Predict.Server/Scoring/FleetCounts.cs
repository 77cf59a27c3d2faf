using ServiMon.Predict.Server.Ingest;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What became of samples and steps since the start of the service. Written by one thread, read by any.</summary>
public sealed class FleetCounts
{
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private long _accepted;
    private long _outOfOrder;
    private long _steps;

    /// <summary>Samples that count, those out of order included.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Samples that count though a newer one of the asset came first.</summary>
    public long OutOfOrder => Volatile.Read(ref _outOfOrder);

    /// <summary>Steps that closed: predictions made.</summary>
    public long Steps => Volatile.Read(ref _steps);

    public long Dropped(DropReason reason) => Volatile.Read(ref _dropped[(int)reason]);

    /// <summary>Told the seconds that each step took; null: nobody asks.</summary>
    internal Prometheus.IObserver? Duration { get; set; }

    internal void Accept() => Volatile.Write(ref _accepted, _accepted + 1);

    internal void AcceptOutOfOrder()
    {
        Accept();
        Volatile.Write(ref _outOfOrder, _outOfOrder + 1);
    }

    internal void Drop(DropReason reason) => Volatile.Write(ref _dropped[(int)reason], _dropped[(int)reason] + 1);

    internal void CloseStep() => Volatile.Write(ref _steps, _steps + 1);
}
