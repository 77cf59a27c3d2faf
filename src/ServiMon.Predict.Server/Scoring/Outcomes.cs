using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What became of predictions, decided once their horizon has passed. Pure.</summary>
internal static class Outcomes
{
    /// <summary>
    /// The outcomes at one horizon: an incident of the asset started in (time, time + horizon], or none did. Predictions without a
    /// probability have none.
    /// </summary>
    public static IEnumerable<(LoggedOutcome Outcome, double Probability)> Of(
        IEnumerable<LoggedPrediction> predictions, IReadOnlyDictionary<string, Timeline> timelines, TimeSpan horizon, DateTimeOffset resolved)
    {
        foreach (var p in predictions)
            foreach (var (span, probability) in p.Probabilities)
            {
                if (span != horizon) continue;
                var happened = timelines.TryGetValue(p.Asset, out var timeline) && timeline.NextIncident(p.Time.UtcTicks) is >= 0 and var next
                    && timeline.Incidents[next].Start <= (p.Time + horizon).UtcTicks;
                yield return (new LoggedOutcome(p.Asset, p.Time, p.ModelId, horizon, happened, resolved), probability);
            }
    }
}

/// <summary>How good resolved predictions of one profile and horizon were, the recent ones counting most.</summary>
/// <param name="halfLife">After this many predictions an earlier one counts half. Default of callers: 10,000.</param>
internal sealed class LiveScore(double halfLife)
{
    /// <summary>Ten bins of equal width, as calibration errors are commonly given (Naeini, Cooper, Hauskrecht 2015).</summary>
    private const int BinCount = 10;

    private readonly double _keep = Math.Pow(2, -1 / halfLife);
    private readonly (double Weight, double Probability, double Happened)[] _bins = new (double, double, double)[BinCount];
    private double _weight;
    private double _squares;

    /// <summary>Resolved predictions so far.</summary>
    public long Count { get; private set; }

    /// <summary>Mean of (probability - outcome)^2 (Brier 1950), 0 to 1; NaN before the first.</summary>
    public double Brier => _squares / _weight;

    /// <summary>Expected calibration error: mean over the bins, by weight, of |mean probability - share that happened|; NaN before the first.</summary>
    public double CalibrationError => _bins.Sum(b => Math.Abs(b.Probability - b.Happened)) / _weight;

    /// <summary>Share that happened, by weight; NaN before the first.</summary>
    public double BaseRate => _bins.Sum(b => b.Happened) / _weight;

    /// <summary>What happened over what was expected, by weight: 1 when probabilities mean what they say; NaN before the first.</summary>
    public double ObservedToExpected => _bins.Sum(b => b.Happened) / _bins.Sum(b => b.Probability);

    /// <summary>1 - Brier score / that of the constant <see cref="BaseRate"/>; NaN as long as all outcomes were alike.</summary>
    public double Skill => BaseRate is > 0 and < 1 ? 1 - Brier / (BaseRate * (1 - BaseRate)) : double.NaN;

    public void Add(double probability, bool happened)
    {
        Count++;
        _weight = _keep * _weight + 1;
        _squares = _keep * _squares + (probability - (happened ? 1 : 0)) * (probability - (happened ? 1 : 0));
        for (var b = 0; b < BinCount; b++) _bins[b] = (_keep * _bins[b].Weight, _keep * _bins[b].Probability, _keep * _bins[b].Happened);
        ref var bin = ref _bins[Math.Min(BinCount - 1, (int)(probability * BinCount))];
        bin = (bin.Weight + 1, bin.Probability + probability, bin.Happened + (happened ? 1 : 0));
    }
}

/// <summary>Resolves logged predictions against incidents, each horizon as it passes, and keeps the live scores.</summary>
/// <remarks>How far each horizon is resolved is kept in the log store under the scope <c>outcomes/profile</c>: an int64 of UTC ticks by horizon.</remarks>
internal sealed class OutcomeResolver(ILogStore log, IReadOnlyList<Profile> profiles, TimeProvider time)
{
    /// <summary>Predictions after which an earlier one counts half in the live scores.</summary>
    private const double ScoreHalfLife = 10_000;

    private readonly Dictionary<(string Profile, string Horizon), LiveScore> _scores = [];

    /// <summary>The live scores by profile and the horizon's text.</summary>
    public IReadOnlyList<(string Profile, string Horizon, LiveScore Score)> Scores
    {
        get { lock (_scores) return [.. _scores.Select(s => (s.Key.Profile, s.Key.Horizon, s.Value))]; }
    }

    /// <summary>Resolves what has become known since the last time.</summary>
    /// <param name="timelines">Incidents by profile, then asset.</param>
    /// <exception cref="StoreException">When the store does not answer; nothing is lost by asking again.</exception>
    public async Task ResolveAsync(Func<string, IReadOnlyDictionary<string, Timeline>> timelines, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var profile in profiles)
            foreach (var horizon in profile.Horizons)
            {
                var scope = $"outcomes/{profile.Name}";
                var until = now - horizon.Span;
                var saved = await log.FindStateAsync(scope, horizon.Text, ct);
                DateTimeOffset? from = saved is null ? null : new DateTimeOffset(new StateReader(saved.Body.Span).Long(), TimeSpan.Zero);
                if (from >= until) continue;
                var outcomes = new List<LoggedOutcome>();
                var query = new LogQuery { Profile = profile.Name, From = from, To = until };
                await foreach (var prediction in log.ReadPredictionsAsync(query, ct))
                    foreach (var (outcome, probability) in Outcomes.Of([prediction], timelines(profile.Name), horizon.Span, now))
                    {
                        outcomes.Add(outcome);
                        lock (_scores) ScoreOf(profile.Name, horizon.Text).Add(probability, outcome.Happened);
                    }
                if (outcomes.Count > 0) await log.AppendOutcomesAsync(profile.Name, outcomes, ct);
                var writer = new StateWriter();
                writer.Long(until.UtcTicks);
                await log.PutStatesAsync(scope, [new StateSnapshot(horizon.Text, writer.Written.ToArray())], ct);
            }
    }

    /// <summary>Takes the outcomes of the last while from the log, so that the scores go on where they were when the service ended.</summary>
    /// <exception cref="StoreException">When the store does not answer: the scores then begin with what it had told.</exception>
    public async Task RestoreAsync(TimeSpan lookBack, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var profile in profiles)
        {
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
                    if (span == outcome.Horizon) lock (_scores) ScoreOf(profile.Name, horizon.Text).Add(probability, outcome.Happened);
            }
        }
    }

    private LiveScore ScoreOf(string profile, string horizon)
    {
        if (!_scores.TryGetValue((profile, horizon), out var score)) _scores.Add((profile, horizon), score = new LiveScore(ScoreHalfLife));
        return score;
    }
}
