using Google.Rpc;
using Grpc.Core;

namespace ServiMon.Predict.Server.Api;

/// <summary>
/// Lets a few long computations run at one time, away from the threads that scoring uses. A computation cannot be stopped half way, so one
/// whose caller has gone keeps its slot until it is done: callers that give up cannot pile work up.
/// </summary>
internal sealed class ComputeSlots(ApiParts parts) : IDisposable
{
    private readonly SemaphoreSlim _free = new(parts.Options.ComputeSlots);

    /// <summary>Waits for a slot, computes, and answers; gives up at the deadline.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, ServerCallContext context)
    {
        var ct = context.CancellationToken;
        var wait = context.Deadline < DateTime.MaxValue ? Timeout.InfiniteTimeSpan : parts.Options.ComputeWait;
        if (!await _free.WaitAsync(wait, ct).ConfigureAwait(false))
            throw ApiFailure.Retry(Code.ResourceExhausted, "NO_FREE_SLOT", FormattableString.Invariant($"{parts.Options.ComputeSlots} computations are under way, as many as allowed"), wait);
        var running = Task.Run(() =>
        {
            try
            {
                return work();
            }
            finally
            {
                _free.Release();
            }
        }, CancellationToken.None);
        return await running.WaitAsync(ct).ConfigureAwait(false);
    }

    public void Dispose() => _free.Dispose();
}
