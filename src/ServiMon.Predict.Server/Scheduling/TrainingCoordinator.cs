using Microsoft.Extensions.Logging;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>What became of the wish to train: a run, or the lease that stands against it.</summary>
public sealed record TrainingStart(TrainingRun? Run, Lease? Holder);

/// <summary>
/// Starts training runs, one at a time for each profile over all instances that share a registry: the run holds the profile's lease,
/// extends it while it works, and stops when it is lost.
/// </summary>
public sealed partial class TrainingCoordinator : IAsyncDisposable
{
    /// <summary>How long a lease lasts that is not extended: a killed instance blocks a profile for no longer.</summary>
    public static readonly TimeSpan LeaseDuration = HeldLease.Duration;

    private readonly IModelRegistry _registry;
    private readonly ITrainingWork _work;
    private readonly TimeProvider _time;
    private readonly ILogger<TrainingCoordinator> _log;
    private readonly string _instance;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <param name="instance">Names this instance among those that share the registry.</param>
    public TrainingCoordinator(IModelRegistry registry, ITrainingWork work, TrainingRuns runs, TimeProvider time, ILogger<TrainingCoordinator> log, string instance)
    {
        (_registry, _work, Runs, _time, _log, _instance) = (registry, work, runs, time, log, instance);
    }

    public TrainingRuns Runs { get; }

    /// <summary>Takes the lease and starts; returns as soon as the run is under way, or refused.</summary>
    /// <exception cref="StoreException">When the registry cannot be asked.</exception>
    public async Task<TrainingStart> StartAsync(TrainingOrder order, CancellationToken ct = default)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        var run = Runs.Begin(order, _time.GetUtcNow());
        var owner = $"{_instance}/{run.Id}";
        HeldLease? lease;
        Lease? holder = null;
        try
        {
            lease = await HeldLease.TryTakeAsync(_registry, order.Profile, owner, _time, _log, ct).ConfigureAwait(false);
            if (lease is null) holder = await _registry.FindLeaseAsync(order.Profile, ct).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            End(run.Id, TrainingRunState.Failed, $"the right to train could not be had: {e.Message}", null);
            throw;
        }
        if (lease is null)
        {
            End(run.Id, TrainingRunState.Failed, $"not started: {holder?.Owner ?? "another run"} is training the profile", null);
            return new TrainingStart(null, holder ?? new Lease(order.Profile, "", _time.GetUtcNow()));
        }
        var task = Task.Run(() => ExecuteAsync(run, lease), CancellationToken.None);
        lock (_gate) _running.Add(task);
        _ = task.ContinueWith(t => { lock (_gate) _running.Remove(t); }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return new TrainingStart(run, null);
    }

    /// <summary>Stops what runs and waits until it has given its leases back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate) running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(TrainingRun run, HeldLease lease)
    {
        await using var held = lease;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, lease.Lost);
        LogStarted(run.Id, run.Order.Actor);
        try
        {
            var outcome = await _work.RunAsync(run.Order, new Relay(Runs, run.Id), stop.Token).ConfigureAwait(false);
            End(run.Id, TrainingRunState.Succeeded, outcome.Message, outcome);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            End(run.Id, TrainingRunState.Cancelled,
                _stopping.IsCancellationRequested ? "stopped: the service ends" : "stopped: the right to train was lost to another instance", null);
        }
        catch (Exception e)
        {
            if (e is not (InputException or StoreException)) LogUnexpected(e, run.Id);
            End(run.Id, TrainingRunState.Failed, e.Message, null);
        }
    }

    private void End(string id, TrainingRunState state, string message, TrainingOutcome? outcome)
    {
        Runs.Change(id, run => run with { State = state, Ended = _time.GetUtcNow(), Message = message, Outcome = outcome, StageShare = state == TrainingRunState.Succeeded ? 1 : run.StageShare });
        LogEnded(id, state, message);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Training {Run} started by {Actor}")]
    private partial void LogStarted(string run, string actor);

    [LoggerMessage(Level = LogLevel.Information, Message = "Training {Run} ended, {State}: {Message}")]
    private partial void LogEnded(string run, TrainingRunState state, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Training {Run} failed in a way that is not expected")]
    private partial void LogUnexpected(Exception exception, string run);

    /// <summary>Passes progress on at once; <see cref="Progress{T}"/> would reorder it.</summary>
    private sealed class Relay(TrainingRuns runs, string id) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => runs.Change(id, run => run with { Stage = value.Stage, StageShare = value.Share });
    }
}
