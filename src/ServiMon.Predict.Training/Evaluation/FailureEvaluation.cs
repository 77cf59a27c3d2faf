using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Backtesting;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>Scores predictions against the incidents that followed.</summary>
/// <remarks>
/// A row is positive at horizon h when an incident of its asset starts in (t, t + h]. Rows inside incidents or maintenance do not count;
/// rows whose follow-up is shorter than the horizon are censored, positive or not, unless the asset's data end in an incident.
/// </remarks>
public static class FailureEvaluation
{
    private const int BootstrapCount = 400;

    public static IReadOnlyList<HorizonScore> Score(
        Profile profile, IReadOnlyList<AssetPredictions> predictions, IReadOnlyDictionary<string, Timeline> timelines, ulong seed)
    {
        var starts = predictions.Select(p => timelines[p.Rows.Asset].Incidents.Select(i => i.Start).ToArray()).ToList();
        return [.. profile.Horizons.Select((horizon, h) => ScoreHorizon(profile, horizon, h, predictions, timelines, starts, seed))];
    }

    private static HorizonScore ScoreHorizon(
        Profile profile, Horizon horizon, int h, IReadOnlyList<AssetPredictions> predictions,
        IReadOnlyDictionary<string, Timeline> timelines, IReadOnlyList<long[]> starts, ulong seed)
    {
        var rows = new List<ScoredRow>();
        long abstained = 0, censored = 0;
        for (var a = 0; a < predictions.Count; a++)
        {
            var asset = predictions[a];
            var timeline = timelines[asset.Rows.Asset];
            var last = asset.Rows.Count > 0 ? asset.Rows.Ticks[^1] : 0;
            var known = timeline.EndsInIncident(last, profile.Step) ? long.MaxValue : last;
            for (var i = 0; i < asset.Count; i++)
            {
                var ticks = asset.Rows.Ticks[asset.FirstRow + i];
                if (timeline.InIncident(ticks) || timeline.InMaintenance(ticks)) continue;
                if (known - horizon.Span.Ticks < ticks) { censored++; continue; }
                if (asset.State[i] != PredictionState.Ready) { abstained++; continue; }
                var next = timeline.NextIncident(ticks);
                var positive = next >= 0 && timeline.Incidents[next].Start <= ticks + horizon.Span.Ticks;
                rows.Add(new ScoredRow(a, ticks, asset.Probability[i * profile.Horizons.Length + h], positive, asset.Basis[i] != PredictionBasis.Prior));
            }
        }
        var score = new HorizonScore
        {
            Horizon = horizon.Text, Seconds = horizon.Span.TotalSeconds, Count = rows.Count, Positives = rows.Count(r => r.Positive),
            Abstained = abstained, Censored = censored, PriorCount = rows.Count(r => !r.ByModel),
            AssetDays = rows.Count * profile.Step.TotalDays,
        };
        if (rows.Count == 0) return score;

        var all = Score(rows, seed);
        return score with
        {
            BaseRate = all.BaseRate,
            RocAuc = all.RocAuc,
            AveragePrecision = all.AveragePrecision,
            Brier = all.Brier,
            BrierSkill = all.BrierSkill,
            LogLoss = all.LogLoss,
            BaseRateLogLoss = all.BaseRateLogLoss,
            CalibrationError = all.CalibrationError,
            BrierSkillLow = all.BrierSkillLow,
            BrierSkillHigh = all.BrierSkillHigh,
            ModelRows = score.PriorCount == 0 ? all : score.PriorCount < score.Count ? Score([.. rows.Where(r => r.ByModel)], seed) : null,
            Reliability = ProbabilityScores.Reliability([.. rows.Select(r => r.Probability)], [.. rows.Select(r => r.Positive)]),
            Alarms = AlarmScores.Score(rows, starts, horizon.Span, profile.Step),
        };
    }

    /// <param name="rows">One or more.</param>
    private static RowScores Score(List<ScoredRow> rows, ulong seed)
    {
        var p = rows.Select(r => r.Probability).ToArray();
        var y = rows.Select(r => r.Positive).ToArray();
        var positives = y.LongCount(x => x);
        var rate = positives / (double)rows.Count;
        var brier = ProbabilityScores.Brier(p, y);
        var (low, high) = SkillInterval(rows, seed);
        return new RowScores
        {
            Count = rows.Count,
            Positives = positives,
            BaseRate = rate,
            RocAuc = ProbabilityScores.RocAuc(p, y),
            AveragePrecision = ProbabilityScores.AveragePrecision(p, y),
            Brier = brier,
            BrierSkill = rate is > 0 and < 1 ? 1 - brier / (rate * (1 - rate)) : null,
            BrierSkillLow = low,
            BrierSkillHigh = high,
            LogLoss = ProbabilityScores.LogLoss(p, y),
            BaseRateLogLoss = ProbabilityScores.LogLoss([.. y.Select(_ => rate)], y),
            CalibrationError = ProbabilityScores.CalibrationError(ProbabilityScores.Reliability(p, y)),
        };
    }

    /// <summary>Bootstrap over assets (Efron 1979), since the rows of one asset are not independent.</summary>
    private static (double? Low, double? High) SkillInterval(List<ScoredRow> rows, ulong seed)
    {
        var assets = rows.GroupBy(r => r.Asset)
            .Select(g => (Count: (double)g.Count(), Hits: (double)g.Count(r => r.Positive), Loss: g.Sum(r => Math.Pow(r.Probability - (r.Positive ? 1 : 0), 2))))
            .ToArray();
        var random = new Random((int)(seed % int.MaxValue));
        var skills = new List<double>();
        for (var b = 0; b < BootstrapCount; b++)
        {
            double count = 0, hits = 0, loss = 0;
            for (var i = 0; i < assets.Length; i++)
            {
                var asset = assets[random.Next(assets.Length)];
                count += asset.Count;
                hits += asset.Hits;
                loss += asset.Loss;
            }
            var rate = hits / count;
            if (rate is > 0 and < 1) skills.Add(1 - loss / count / (rate * (1 - rate)));
        }
        // An interval from a few resamples says nothing.
        if (skills.Count < BootstrapCount / 2) return (null, null);
        skills.Sort();
        return (skills[(int)(skills.Count * 0.025)], skills[(int)(skills.Count * 0.975)]);
    }
}
