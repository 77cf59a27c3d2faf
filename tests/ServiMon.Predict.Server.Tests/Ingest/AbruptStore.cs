using System.Collections.Concurrent;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>A log store that takes nothing more from the moment at which its process is said to have died.</summary>
internal sealed class AbruptStore(ILogStore inner) : ILogStore
{
    private readonly ConcurrentDictionary<string, long> _next = new();
    private volatile bool _isDead;

    public void Die() => _isDead = true;

    public void Revive() => _isDead = false;

    /// <summary>Sum of the next offsets that were saved.</summary>
    public long NextOffsets() => _next.Values.Sum();

    public async Task PutStatesAsync(string scope, IReadOnlyList<StateSnapshot> states, CancellationToken ct = default)
    {
        CheckAlive();
        await inner.PutStatesAsync(scope, states, ct);
        foreach (var state in states.Where(s => s.Key.StartsWith("offset/", StringComparison.Ordinal))) _next[state.Key] = new StateReader(state.Body.Span).Long();
    }

    public Task<long> AppendPredictionsAsync(string profile, IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct = default)
    {
        CheckAlive();
        return inner.AppendPredictionsAsync(profile, predictions, ct);
    }

    public Task<AppendCount> AppendOutcomesAsync(string profile, IReadOnlyList<LoggedOutcome> outcomes, CancellationToken ct = default)
    {
        CheckAlive();
        return inner.AppendOutcomesAsync(profile, outcomes, ct);
    }

    public Task<long> DeleteStatesAsync(string scope, IReadOnlyCollection<string>? keys = null, CancellationToken ct = default)
    {
        CheckAlive();
        return inner.DeleteStatesAsync(scope, keys, ct);
    }

    public IAsyncEnumerable<LoggedPrediction> ReadPredictionsAsync(LogQuery query, CancellationToken ct = default) => inner.ReadPredictionsAsync(query, ct);

    public IAsyncEnumerable<LoggedOutcome> ReadOutcomesAsync(LogQuery query, CancellationToken ct = default) => inner.ReadOutcomesAsync(query, ct);

    public Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default) => inner.DeleteBeforeAsync(profile, cutoff, ct);

    public Task<StateSnapshot?> FindStateAsync(string scope, string key, CancellationToken ct = default) => inner.FindStateAsync(scope, key, ct);

    public IAsyncEnumerable<StateSnapshot> ReadStatesAsync(string scope, CancellationToken ct = default) => inner.ReadStatesAsync(scope, ct);

    public Task AppendAuditAsync(AuditLine line, CancellationToken ct = default) => inner.AppendAuditAsync(line, ct);

    public IAsyncEnumerable<AuditLine> ReadAuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken ct = default) =>
        inner.ReadAuditAsync(from, to, ct);

    private void CheckAlive()
    {
        if (_isDead) throw new StoreException(StoreFault.Unavailable, "the process has died");
    }
}
