using Prometheus;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>
/// Whether outcomes still resemble what was trained on: what happened against what was expected, and the live Brier score against that of the
/// champion's cross-validation. Outcomes say what matters of drift: inputs that changed without harm to the probabilities are no reason to act.
/// </summary>
internal sealed class DriftGauges
{
    /// <summary>Resolved predictions before a drift state is told: fewer rest on one or two incidents.</summary>
    private const long LeastResolved = 1000;

    /// <summary>Probabilities that are wrong by more than this factor on the whole mean drift.</summary>
    private const double MostRatio = 2;

    /// <summary>Skill below which probabilities are of no use: a prior alone scores about 0, and a little below by chance.</summary>
    private const double LeastSkill = -0.05;

    private readonly Func<IReadOnlyList<ChampionFacts>> _champions;
    private readonly Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> _scores;
    private readonly Gauge _observed, _brier, _state;

    public DriftGauges(CollectorRegistry registry, Func<IReadOnlyList<ChampionFacts>> champions, Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> scores)
    {
        (_champions, _scores) = (champions, scores);
        var metrics = Metrics.WithCustomRegistry(registry);
        _observed = metrics.CreateGauge(MetricNames.DriftObserved, "Resolved predictions that an incident followed over their expected number, recent ones counting most; 1 when calibrated",
            "profile", "horizon");
        _brier = metrics.CreateGauge(MetricNames.DriftBrier, "Live Brier score over that of the champion's cross-validation", "profile", "horizon");
        _state = metrics.CreateGauge(MetricNames.DriftState, "1 when probabilities are wrong by a factor above 2 on the whole, or clearly worse than the live base rate; else 0", "profile");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        var champions = _champions();
        foreach (var scores in _scores().GroupBy(s => s.Profile))
        {
            var manifest = champions.FirstOrDefault(c => c.Profile == scores.Key)?.Manifest;
            foreach (var (profile, horizon, score) in scores)
            {
                _observed.WithLabels(profile, horizon).Set(score.ObservedToExpected);
                if (manifest is not null && TrainedBrier(manifest, horizon) is > 0 and var trained) _brier.WithLabels(profile, horizon).Set(score.Brier / trained);
                else _brier.RemoveLabelled(profile, horizon);
            }
            _state.WithLabels(scores.Key).Set(scores.Any(s => IsDrifting(s.Score)) ? 1 : 0);
        }
    }

    /// <summary>True when there is enough to say so, and the probabilities are of no use, or wrong by more than a factor.</summary>
    internal static bool IsDrifting(LiveScore score) => score.Count >= LeastResolved
        && (score.ObservedToExpected is > MostRatio or < 1 / MostRatio || score.Skill < LeastSkill);

    private static double TrainedBrier(BundleManifest manifest, string horizon)
    {
        var seconds = manifest.Horizons.FirstOrDefault(h => h.Text == horizon)?.Seconds;
        var measured = manifest.CrossValidation.Horizons.FirstOrDefault(h => h.Seconds == seconds);
        return measured is null ? double.NaN : (1 - measured.BrierSkill) * measured.BaseRate * (1 - measured.BaseRate);
    }
}
