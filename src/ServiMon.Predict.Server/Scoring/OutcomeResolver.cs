using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>Resolves logged predictions against incidents, each horizon as it passes, and keeps the live scores.</summary>
/// <param name="timelines">Incidents of a profile's assets, as known now. From any thread.</param>
/// <remarks>
/// Up to where each horizon is resolved is kept in the log store under the scope <c>outcomes/profile</c>: an int64 of UTC ticks by horizon.
/// What is logged for a time before it is resolved by <see cref="ResolveLateAsync"/>.
/// </remarks>
internal sealed class OutcomeResolver(
    ILogStore log, IReadOnlyList<Profile> profiles, Func<string, IReadOnlyDictionary<string, Timeline>> timelines, TimeProvider time) : IDisposable
{
    /// <summary>Predictions after which an earlier one counts half in the live scores.</summary>
    private const double ScoreHalfLife = 10_000;

    /// <summary>Predictions that are resolved in one go: what is held of them takes some 10 MB.</summary>
    private const int MostAtOnce = 50_000;

    private readonly Dictionary<(string Profile, string Horizon), LiveScore> _scores = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _isRestored;

    private readonly record struct Resolved(LoggedOutcome Outcome, double Probability);

    /// <summary>The live scores by profile and the horizon's text.</summary>
    public IReadOnlyList<(string Profile, string Horizon, LiveScore Score)> Scores
    {
        get { lock (_scores) return [.. _scores.Select(s => (s.Key.Profile, s.Key.Horizon, s.Value))]; }
    }

    /// <summary>Resolves what has become known since the last time.</summary>
    /// <exception cref="StoreException">When the store does not answer; nothing is lost by asking again.</exception>
    public async Task ResolveAsync(CancellationToken ct)
    {
        foreach (var profile in profiles)
            foreach (var horizon in profile.Horizons)
                while (await ResolvePartAsync(profile, horizon, ct)) ct.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Resolves those of some predictions that were logged after their horizon was: of samples that had waited in a topic while the service was away,
    /// or were played into it. To be called once the predictions are logged; doing it twice changes nothing.
    /// </summary>
    /// <exception cref="StoreException">When the store does not answer; nothing is lost by asking again.</exception>
    public async Task ResolveLateAsync(string profileName, IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct)
    {
        if (profiles.FirstOrDefault(p => p.Name == profileName) is not { } profile) return;
        var first = predictions.Where(p => p.Probabilities.Count > 0).Select(p => p.Time).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        await _gate.WaitAsync(ct);
        try
        {
            var late = new List<Resolved>();
            foreach (var horizon in profile.Horizons)
                if (await ResolvedUntilAsync(profile, horizon, ct) is { } until && first < until)
                    late.AddRange(Outcomes.Of(predictions.Where(p => p.Time < until), timelines(profile.Name), horizon.Span, time.GetUtcNow())
                        .Select(o => new Resolved(o.Outcome, o.Probability)));
            if (late.Count == 0) return;
            var known = await KnownAsync(profile.Name, late, ct);
            late.RemoveAll(r => known.Contains((r.Outcome.Asset, r.Outcome.Time, r.Outcome.ModelId, r.Outcome.Horizon)));
            if (late.Count == 0) return;
            await log.AppendOutcomesAsync(profile.Name, [.. late.Select(r => r.Outcome)], ct);
            // What is in the log by then is counted by restoring.
            if (_isRestored)
                foreach (var horizon in profile.Horizons) Count(profile, horizon, late.Where(r => r.Outcome.Horizon == horizon.Span));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes the outcomes of the last while from the log, so that the scores go on where they were when the service ended.</summary>
    /// <exception cref="StoreException">When the store does not answer: the scores then begin with what it had told.</exception>
    public async Task RestoreAsync(TimeSpan lookBack, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            foreach (var profile in profiles) await RestoreAsync(profile, lookBack, ct);
            _isRestored = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <returns>True when there is more.</returns>
    private async Task<bool> ResolvePartAsync(Profile profile, Horizon horizon, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            var now = time.GetUtcNow();
            var until = now - horizon.Span;
            var from = await ResolvedUntilAsync(profile, horizon, ct);
            if (from >= until) return false;
            var found = new List<Resolved>();
            var (read, last, isMore) = (0, DateTimeOffset.MinValue, false);
            await foreach (var prediction in log.ReadPredictionsAsync(new LogQuery { Profile = profile.Name, From = from, To = until }, ct))
            {
                if (read++ >= MostAtOnce && prediction.Time > last)
                {
                    (until, isMore) = (prediction.Time, true);
                    break;
                }
                last = prediction.Time;
                foreach (var (outcome, probability) in Outcomes.Of([prediction], timelines(profile.Name), horizon.Span, now)) found.Add(new Resolved(outcome, probability));
            }
            if (found.Count > 0) await log.AppendOutcomesAsync(profile.Name, [.. found.Select(r => r.Outcome)], ct);
            var writer = new StateWriter();
            writer.Long(until.UtcTicks);
            await log.PutStatesAsync(Scope(profile), [new StateSnapshot(horizon.Text, writer.Written.ToArray())], ct);
            // Only now: a store that refuses is asked again, and the scores would count twice.
            Count(profile, horizon, found);
            return isMore;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RestoreAsync(Profile profile, TimeSpan lookBack, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var query = new LogQuery { Profile = profile.Name, From = now - DateTimeOffset.MinValue > lookBack ? now - lookBack : null };
        await using var predictions = log.ReadPredictionsAsync(query, ct).GetAsyncEnumerator(ct);
        var isMore = await predictions.MoveNextAsync();
        var ofOneTime = new Dictionary<(string Asset, string Model), LoggedPrediction>();
        var at = DateTimeOffset.MinValue;
        await foreach (var outcome in log.ReadOutcomesAsync(query, ct))
        {
            // Both come by time: those of one time are held.
            for (; isMore && predictions.Current.Time <= outcome.Time; isMore = await predictions.MoveNextAsync())
            {
                if (predictions.Current.Time != at) ofOneTime.Clear();
                at = predictions.Current.Time;
                ofOneTime[(predictions.Current.Asset, predictions.Current.ModelId)] = predictions.Current;
            }
            if (at != outcome.Time || !ofOneTime.TryGetValue((outcome.Asset, outcome.ModelId), out var found)) continue;
            if (profile.Horizons.FirstOrDefault(h => h.Span == outcome.Horizon) is not { } horizon) continue;
            foreach (var (span, probability) in found.Probabilities)
                if (span == outcome.Horizon) Count(profile, horizon, [new Resolved(outcome, probability)]);
        }
    }

    /// <summary>Which of these outcomes the log has already.</summary>
    private async Task<HashSet<(string, DateTimeOffset, string, TimeSpan)>> KnownAsync(string profile, List<Resolved> resolved, CancellationToken ct)
    {
        var query = new LogQuery
        {
            Profile = profile, Assets = resolved.Select(r => r.Outcome.Asset).ToHashSet(), From = resolved.Min(r => r.Outcome.Time), To = resolved.Max(r => r.Outcome.Time).AddTicks(1),
        };
        return await log.ReadOutcomesAsync(query, ct).Select(o => (o.Asset, o.Time, o.ModelId, o.Horizon)).ToHashSetAsync(cancellationToken: ct);
    }

    /// <summary>Up to here, exclusive, or null when nothing was resolved yet.</summary>
    private async Task<DateTimeOffset?> ResolvedUntilAsync(Profile profile, Horizon horizon, CancellationToken ct) =>
        await log.FindStateAsync(Scope(profile), horizon.Text, ct) is { } saved ? new DateTimeOffset(new StateReader(saved.Body.Span).Long(), TimeSpan.Zero) : null;

    private static string Scope(Profile profile) => $"outcomes/{profile.Name}";

    private void Count(Profile profile, Horizon horizon, IEnumerable<Resolved> resolved)
    {
        lock (_scores)
            foreach (var (outcome, probability) in resolved) ScoreOf(profile.Name, horizon.Text).Add(probability, outcome.Happened);
    }

    private LiveScore ScoreOf(string profile, string horizon)
    {
        if (!_scores.TryGetValue((profile, horizon), out var score)) _scores.Add((profile, horizon), score = new LiveScore(ScoreHalfLife));
        return score;
    }
}
