using Microsoft.Extensions.Logging;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>How much of what it stores the service keeps.</summary>
/// <param name="Limits">By default everything. Ages 1 d to 3650 d, that of predictions longer than every horizon; models 0 to 10,000.</param>
/// <param name="Every">How often what is beyond them is removed. Range 1 min to 30 d.</param>
public sealed record RetentionOptions(RetentionLimits Limits, TimeSpan Every)
{
    /// <summary>Everything is kept.</summary>
    public static RetentionOptions None { get; } = new(new RetentionLimits(null, null, null), TimeSpan.FromDays(1));

    /// <summary>What is wrong with them for some profiles: a prediction has to be there when its horizon has passed.</summary>
    public IReadOnlyList<Problem> Check(IReadOnlyList<Profile> profiles) =>
    [
        .. profiles.Where(p => Limits.Predictions <= p.LongestHorizon).Select(p => new Problem("retention.predictions",
            $"{DurationText.Format(Limits.Predictions!.Value)} is no longer than the longest horizon of {p.Name}, {DurationText.Format(p.LongestHorizon)}: its predictions would go before they are resolved")),
    ];
}

/// <summary>How retention of one profile stands, as this instance knows it.</summary>
/// <param name="LastDone">When it was last done by any instance; null for never.</param>
/// <param name="DoneCount">Times that this instance has done it; <paramref name="FailedCount"/> times it could not.</param>
/// <param name="Total">What this instance removed.</param>
internal sealed record RetentionStatus(DateTimeOffset? LastDone, long DoneCount, long FailedCount, Removed Total);

/// <summary>
/// Applies retention, profile by profile, whenever its time has come: one instance of those that share a store does it, which one is as it happens. When it
/// was last done is in the log store, scope <c>retention</c>, under the profile's name: an int64 of UTC ticks.
/// </summary>
internal sealed partial class RetentionWatch(IStore store, RetentionOptions options, IReadOnlyList<string> profiles, TimeProvider time, ILogger log, string instance)
{
    private const string Scope = "retention";

    private readonly Dictionary<string, RetentionStatus> _status = profiles.ToDictionary(p => p, _ => new RetentionStatus(null, 0, 0, default));

    /// <summary>By profile.</summary>
    public IReadOnlyDictionary<string, RetentionStatus> Status
    {
        get { lock (_status) return _status.ToDictionary(); }
    }

    /// <summary>Does what is due.</summary>
    /// <exception cref="StoreException">When the store refused one of the profiles; the others were done all the same. What failed is due again the next time.</exception>
    public async Task RoundAsync(CancellationToken ct)
    {
        StoreException? refused = null;
        foreach (var profile in profiles)
            try
            {
                await OneAsync(profile, ct).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                Change(profile, s => s with { FailedCount = s.FailedCount + 1 });
                refused = e;
            }
        if (refused is not null) throw refused;
    }

    private async Task OneAsync(string profile, CancellationToken ct)
    {
        if (!await IsDueAsync(profile, ct).ConfigureAwait(false)) return;
        await using var lease = await HeldLease.TryTakeAsync(store.Models, $"{Scope}/{profile}", instance, time, log, ct).ConfigureAwait(false);
        // Another instance is at it, or was between the two looks.
        if (lease is null || !await IsDueAsync(profile, ct).ConfigureAwait(false)) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, lease.Lost);
        try
        {
            var now = time.GetUtcNow();
            var removed = await store.RetainAsync(profile, options.Limits, now, instance, stop.Token).ConfigureAwait(false);
            var writer = new StateWriter();
            writer.Long(now.UtcTicks);
            await store.Log.PutStatesAsync(Scope, [new StateSnapshot(profile, writer.Written.ToArray())], stop.Token).ConfigureAwait(false);
            Change(profile, s => s with { LastDone = now, DoneCount = s.DoneCount + 1, Total = s.Total + removed });
            LogRemoved(profile, removed.Rows, removed.Predictions, removed.Models);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Change(profile, s => s with { FailedCount = s.FailedCount + 1 });
            LogLost(profile);
        }
    }

    private async Task<bool> IsDueAsync(string profile, CancellationToken ct)
    {
        if (await store.Log.FindStateAsync(Scope, profile, ct).ConfigureAwait(false) is not { } saved) return true;
        var done = new DateTimeOffset(new StateReader(saved.Body.Span).Long(), TimeSpan.Zero);
        Change(profile, s => s with { LastDone = done });
        return time.GetUtcNow() >= done + options.Every;
    }

    private void Change(string profile, Func<RetentionStatus, RetentionStatus> change)
    {
        lock (_status) _status[profile] = change(_status[profile]);
    }

    [LoggerMessage(1210, LogLevel.Information, "retention of {Profile}: {Rows} rows, {Predictions} predictions and {Models} models removed")]
    private partial void LogRemoved(string profile, long rows, long predictions, int models);

    [LoggerMessage(1211, LogLevel.Warning, "retention of {Profile} stopped: the right to it was lost to another instance")]
    private partial void LogLost(string profile);
}
