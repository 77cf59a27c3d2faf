using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Reading;

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
    /// incidents or maintenance, and rows whose follow-up is shorter than the horizon, do not count. Of a history that is too long to be read
    /// whole, the held-out time of every asset that failed in it is read and of a sample of the others, each of which then stands for several.
    /// </remarks>
    /// <exception cref="ArgumentException">When the models have no horizon in common.</exception>
    public static ModelComparison Run(
        ScoringModel candidate, ScoringModel champion, TrainingFleet fleet, DateTimeOffset from, ulong seed, CancellationToken cancellation,
        ReadingOptions? reading = null)
    {
        reading ??= new ReadingOptions();
        var horizons = candidate.Hazard.Horizons.Where(h => champion.Hazard.Horizons.Contains(h)).ToArray();
        if (horizons.Length == 0) throw new ArgumentException("the models have no horizon in common", nameof(champion));
        var plan = HeldOutAssets.Choose(candidate.Evidence.Profile, champion.Evidence.Profile, fleet, from.UtcTicks, reading, seed);
        var maintenance = fleet.Maintenance.ToLookup(m => m.Asset);
        var sums = new AssetSum[plan.Count];
        InParallel.Run(plan.Count, reading.Parallelism, i =>
        {
            sums[i] = new AssetSum(plan[i].Weight);
            Replay(candidate, champion, fleet, plan[i].Reading, new Timeline([], maintenance[plan[i].Reading.Extent.Asset]), horizons, from.UtcTicks, sums[i], cancellation);
        }, cancellation);
        var counted = sums.Where(s => s.Count > 0).ToList();
        var (low, high) = Interval(counted, seed);
        var weight = counted.Sum(s => s.Weight * s.Count);
        return new ModelComparison(
            counted.Sum(s => s.Count), counted.Sum(s => s.Incidents.Count), counted.Sum(s => s.Weight * s.Candidate) / weight,
            counted.Sum(s => s.Weight * s.Champion) / weight, low, high, from);
    }

    private static void Replay(
        ScoringModel candidateModel, ScoringModel championModel, TrainingFleet fleet, AssetReading reading, Timeline planned, TimeSpan[] horizons,
        long from, AssetSum sum, CancellationToken cancellation)
    {
        var extent = reading.Extent;
        AssetReplay[] replays = [.. new[] { candidateModel, championModel }.Select(m => new AssetReplay(m.Evidence, extent.Asset, fleet.Metrics, extent.First.UtcTicks))];
        var candidate = new AssetScorer(candidateModel.Evidence, candidateModel, extent.Asset, replays[0]);
        var champion = new AssetScorer(championModel.Evidence, championModel, extent.Asset, replays[1]);
        var timeline = reading.Timeline;
        var last = extent.Last.UtcTicks;
        var known = timeline.EndsInIncident(last, candidateModel.Evidence.Profile.Step) ? long.MaxValue : last;
        foreach (var (rows, following, skippedTo) in PiecesAhead.Of(fleet, reading, cancellation))
        {
            foreach (var replay in replays)
            {
                if (skippedTo is { } ticks) replay.SkipTo(ticks, ReadingSpans.Of(replay.Monitor.Model.Profile, 1).WarmUp / replay.Monitor.Model.Profile.Step.Ticks);
                replay.Continue(rows, following);
            }
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
                difference += sum.Weight * (sum.Candidate - sum.Champion);
                count += sum.Weight * sum.Count;
            }
            means[b] = difference / count;
        }
        Array.Sort(means);
        const int Outside = (int)(BootstrapCount * 0.025);
        return (means[Outside], means[^(1 + Outside)]);
    }

    /// <summary>What one asset adds: log-losses of both models, over the same pairs of row and horizon.</summary>
    private sealed class AssetSum(double weight)
    {
        /// <summary>Assets of the fleet that this one stands for.</summary>
        public double Weight => weight;

        public long Count { get; set; }

        public double Candidate { get; set; }

        public double Champion { get; set; }

        public HashSet<int> Incidents { get; } = [];
    }
}
