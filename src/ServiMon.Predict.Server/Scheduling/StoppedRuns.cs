using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>
/// Starts scheduled runs again that were stopped with an earlier process, so that hours of reading do not wait for the next time of the schedule. Each once:
/// one that fails again is left to its schedule.
/// </summary>
internal sealed class StoppedRuns(Retraining work, TrainingCoordinator coordinator, IModelRegistry registry, IEnumerable<TrainingOrder> orders)
{
    private readonly List<TrainingOrder> _waiting = [.. orders];

    /// <summary>Looks through those that have not been started yet. The lease of a process that was killed is waited for.</summary>
    /// <exception cref="StoreException">When the registry cannot be asked; the next round asks again.</exception>
    public async Task RoundAsync(CancellationToken ct)
    {
        foreach (var order in _waiting.ToArray())
        {
            var isStopped = await work.IsStoppedAsync(order, ct).ConfigureAwait(false);
            if (isStopped && await registry.FindLeaseAsync(order.Profile, ct).ConfigureAwait(false) is not null) continue;
            _waiting.Remove(order);
            if (isStopped) await coordinator.StartAsync(order, ct).ConfigureAwait(false);
        }
    }
}
