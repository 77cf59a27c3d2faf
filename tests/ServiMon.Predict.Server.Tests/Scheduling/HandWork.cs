using System.Threading.Channels;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>Training that a test leads by hand.</summary>
internal sealed class HandWork : ITrainingWork
{
    private readonly Channel<(TrainingOrder Order, IProgress<TrainingProgress> Progress, TaskCompletionSource<TrainingOutcome> Result)> _begun =
        Channel.CreateUnbounded<(TrainingOrder, IProgress<TrainingProgress>, TaskCompletionSource<TrainingOutcome>)>();

    public int BegunCount { get; private set; }

    public static TrainingOutcome Outcome { get; } = new("pump-0123456789ab", true, "champion: there was no champion", null);

    /// <summary>The next run that begins: tell its progress and its result.</summary>
    public async Task<(TrainingOrder Order, IProgress<TrainingProgress> Progress, TaskCompletionSource<TrainingOutcome> Result)> NextAsync() =>
        await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async Task<TrainingOutcome> RunAsync(TrainingOrder order, IProgress<TrainingProgress> progress, CancellationToken ct)
    {
        var result = new TaskCompletionSource<TrainingOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        BegunCount++;
        await _begun.Writer.WriteAsync((order, progress, result), ct);
        return await result.Task.WaitAsync(ct);
    }
}
