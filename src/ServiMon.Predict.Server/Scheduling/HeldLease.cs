using Microsoft.Extensions.Logging;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>The right to do something alone over all instances that share a registry: extended for as long as it is held, given back at the end.</summary>
internal sealed partial class HeldLease : IAsyncDisposable
{
    /// <summary>How long a lease lasts that is not extended: a killed instance stands in the way for no longer.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);

    /// <summary>A lease is extended three times within its duration, so that one slow write does not lose it.</summary>
    private static readonly TimeSpan RenewEvery = Duration / 3;

    private readonly IModelRegistry _registry;
    private readonly string _name, _owner;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _lost = new(), _done = new();
    private readonly Task _renewing;

    private HeldLease(IModelRegistry registry, Lease lease, TimeProvider time, ILogger log)
    {
        (_registry, _name, _owner, _time, _log) = (registry, lease.Profile, lease.Owner, time, log);
        _renewing = RenewAsync(lease.Expires);
    }

    /// <summary>Cancelled when another took the lease, or it could not be extended before it ran out: what it was for has to stop.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Null when another owner holds it.</summary>
    /// <param name="name">What the lease is for: a profile for training, any other text for anything else.</param>
    /// <param name="owner">Names this instance among those that share the registry.</param>
    /// <exception cref="StoreException">When the registry cannot be asked.</exception>
    public static async Task<HeldLease?> TryTakeAsync(IModelRegistry registry, string name, string owner, TimeProvider time, ILogger log, CancellationToken ct) =>
        await registry.TryLeaseAsync(name, owner, Duration, ct).ConfigureAwait(false) is { } lease ? new HeldLease(registry, lease, time, log) : null;

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        try
        {
            await _registry.ReleaseAsync(_name, _owner).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            LogNotReleased(_owner, e.Message);
        }
        _lost.Dispose();
        _done.Dispose();
    }

    private async Task RenewAsync(DateTimeOffset expires)
    {
        using var timer = new PeriodicTimer(RenewEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_done.Token).ConfigureAwait(false))
            {
                try
                {
                    if (await _registry.TryLeaseAsync(_name, _owner, Duration, _done.Token).ConfigureAwait(false) is { } lease)
                    {
                        expires = lease.Expires;
                        continue;
                    }
                }
                catch (StoreException e)
                {
                    LogNotRenewed(_owner, e.Message);
                    if (_time.GetUtcNow() < expires) continue;
                }
                await _lost.CancelAsync().ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Given back: nothing to extend any more.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of {Owner} was not extended: {Reason}")]
    private partial void LogNotRenewed(string owner, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of {Owner} was not given back and will expire: {Reason}")]
    private partial void LogNotReleased(string owner, string reason);
}
