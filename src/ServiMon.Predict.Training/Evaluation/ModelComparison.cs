using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>A candidate against the champion on the same held-out rows, by mean log-loss in nats a row, over all horizons.</summary>
/// <param name="RowCount">Pairs of row and horizon with a known outcome that both models answered.</param>
/// <param name="IncidentCount">Distinct incidents among their outcomes.</param>
/// <param name="DifferenceLow">Lower end of the 95 % interval of candidate less champion; NaN when there is nothing to resample.</param>
/// <param name="DifferenceHigh">Upper end of that interval.</param>
/// <param name="From">First time of the held-out rows.</param>
public sealed record ModelComparison(
    long RowCount, int IncidentCount, double CandidateLogLoss, double ChampionLogLoss, double DifferenceLow, double DifferenceHigh, DateTimeOffset From)
{
    /// <summary>Fewer incidents than this do not decide: an interval from a handful of resampled assets is too short.</summary>
    public const int LeastIncidents = 5;

    private const int BootstrapCount = 1000;

    /// <summary>True when the candidate is better beyond chance.</summary>
    public bool CandidateWins => IncidentCount >= LeastIncidents && DifferenceHigh < 0;

    /// <summary>
    /// Replays the fleet through both models by the code that scores live and compares them on rows from a time on. Nothing of the held-out
    /// incidents is known when predicting.
    /// </summary>
    /// <remarks>
    /// The mean difference's interval is by bootstrap over assets (Efron 1979), as the rows of one asset are not independent. Rows in
    /// incidents or maintenance, and rows whose follow-up is shorter than the horizon, do not count.
    /// </remarks>
    /// <exception cref="ArgumentException">When the models have no horizon in common.</exception>
    public static ModelComparison Run(
        ScoringModel candidate, ScoringModel champion, FleetRecord fleet, DateTimeOffset from, ulong seed, CancellationToken cancellation)
    {
        var horizons = candidate.Hazard.Horizons.Where(h => champion.Hazard.Horizons.Contains(h)).ToArray();
        if (horizons.Length == 0) throw new ArgumentException("the models have no horizon in common", nameof(champion));
        var timelines = Timeline.ByAsset(fleet);
        var maintenance = fleet.Maintenance.ToLookup(m => m.Asset);
        var sums = new List<AssetSum>();
        var incidents = 0;
        foreach (var rows in fleet.History.Assets)
        {
            cancellation.ThrowIfCancellationRequested();
            var sum = new AssetSum();
            var planned = new Timeline([], maintenance[rows.Asset]);
            Replay(new AssetScorer(candidate.Evidence, candidate, rows), new AssetScorer(champion.Evidence, champion, rows),
                rows, planned, timelines[rows.Asset], horizons, candidate, champion, from.UtcTicks, sum);
            incidents += sum.Incidents.Count;
            if (sum.Count > 0) sums.Add(sum);
        }
        var count = sums.Sum(s => s.Count);
        var (low, high) = Interval(sums, seed);
        return new ModelComparison(count, incidents, sums.Sum(s => s.Candidate) / count, sums.Sum(s => s.Champion) / count, low, high, from);
    }

    private static void Replay(
        AssetScorer candidate, AssetScorer champion, AssetRows rows, Timeline planned, Timeline timeline, TimeSpan[] horizons,
        ScoringModel candidateModel, ScoringModel championModel, long from, AssetSum sum)
    {
        var last = rows.Count > 0 ? rows.Ticks[^1] : 0;
        var known = timeline.EndsInIncident(last, candidateModel.Evidence.Profile.Step) ? long.MaxValue : last;
        for (var row = 0; row < rows.Count; row++)
        {
            var ticks = rows.Ticks[row];
            var condition = planned.InMaintenance(ticks) ? AssetCondition.Maintenance : AssetCondition.Normal;
            candidate.Advance(condition);
            champion.Advance(condition);
            if (ticks < from || candidate.State != PredictionState.Ready || champion.State != PredictionState.Ready) continue;
            if (timeline.InIncident(ticks) || timeline.InMaintenance(ticks)) continue;
            var next = timeline.NextIncident(ticks);
            foreach (var horizon in horizons)
            {
                if (known - horizon.Ticks < ticks) continue;
                var failed = next >= 0 && timeline.Incidents[next].Start <= ticks + horizon.Ticks;
                if (failed) sum.Incidents.Add(next);
                sum.Count++;
                sum.Candidate += Loss(candidate.Probability[candidateModel.Hazard.Horizons.IndexOf(horizon)], failed);
                sum.Champion += Loss(champion.Probability[championModel.Hazard.Horizons.IndexOf(horizon)], failed);
            }
        }
    }

    private static double Loss(double probability, bool failed)
    {
        var p = LogOdds.Clip(probability);
        return -Math.Log(failed ? p : 1 - p);
    }

    private static (double Low, double High) Interval(List<AssetSum> sums, ulong seed)
    {
        if (sums.Count < 2) return (double.NaN, double.NaN);
        var random = new Random((int)(seed % int.MaxValue));
        var means = new double[BootstrapCount];
        for (var b = 0; b < means.Length; b++)
        {
            double difference = 0, count = 0;
            for (var i = 0; i < sums.Count; i++)
            {
                var sum = sums[random.Next(sums.Count)];
                difference += sum.Candidate - sum.Champion;
                count += sum.Count;
            }
            means[b] = difference / count;
        }
        Array.Sort(means);
        const int Outside = (int)(BootstrapCount * 0.025);
        return (means[Outside], means[^(1 + Outside)]);
    }

    /// <summary>What one asset adds: log-losses of both models, over the same pairs of row and horizon.</summary>
    private sealed class AssetSum
    {
        public long Count { get; set; }

        public double Candidate { get; set; }

        public double Champion { get; set; }

        public HashSet<int> Incidents { get; } = [];
    }
}
