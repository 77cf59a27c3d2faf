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

    /// <summary>The same predictions by bin of probability.</summary>
    public ReliabilityBins Reliability { get; } = new(Math.Pow(2, -1 / halfLife));

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
        Reliability.Add(probability, happened);
        _weight = _keep * _weight + 1;
        _squares = _keep * _squares + (probability - (happened ? 1 : 0)) * (probability - (happened ? 1 : 0));
        for (var b = 0; b < BinCount; b++) _bins[b] = (_keep * _bins[b].Weight, _keep * _bins[b].Probability, _keep * _bins[b].Happened);
        ref var bin = ref _bins[Math.Min(BinCount - 1, (int)(probability * BinCount))];
        bin = (bin.Weight + 1, bin.Probability + probability, bin.Happened + (happened ? 1 : 0));
    }
}
