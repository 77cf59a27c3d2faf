using System.Runtime.ExceptionServices;

namespace ServiMon.Predict.Training.Reading;

/// <summary>The same work for many assets, some at a time.</summary>
internal static class InParallel
{
    /// <summary>Throws what the work threw, as it was thrown.</summary>
    public static void Run(int count, int degree, Action<int> work, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, degree), CancellationToken = cancellation }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }
}

/// <summary>Counts rows from several threads, and tells the share a hundred times or so, one report at a time.</summary>
internal sealed class RowProgress(IProgress<double>? progress, double expected)
{
    private readonly Lock _gate = new();
    private long _told;

    public long RowCount { get; private set; }

    public void Add(long rows)
    {
        lock (_gate)
        {
            RowCount += rows;
            if (progress is null || RowCount - _told < expected / 100) return;
            _told = RowCount;
            progress.Report(Math.Min(1, RowCount / Math.Max(1, expected)));
        }
    }
}
