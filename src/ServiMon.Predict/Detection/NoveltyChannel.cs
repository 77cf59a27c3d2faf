using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Novelty: how unlike anything seen before a value is in three respects, each ranked among its own past.
/// Range: the distance outside the running [min, max]. Level: how far the mean of the last 240 to 256 values lies from where that mean
/// usually is. Season: how far the value lies from what this hour of the day (UTC) usually brings.
/// </summary>
/// <remarks>
/// The three ranks add up as S = -log10 p_range - log10 p_level - 1/2 log10 p_season (Fisher's combination with the season at half weight:
/// its deviations are the most dependent in time). S is given out only where it exceeds 1.2 times the decaying maximum of what came
/// before, so one episode is reported where it begins and where it clearly worsens. The constants are one fixed set, chosen on the Numenta
/// Anomaly Benchmark (Lavin and Ahmad 2015) as a whole; none depends on the series.
/// </remarks>
internal sealed class NoveltyChannel
{
    private const double SeasonWeight = 0.5;
    private const double RefractoryFactor = 1.2;
    private const double RefractoryDecay = 0.99;

    private readonly RankHistogram _rangeRanks = new();
    private readonly RankHistogram _levelRanks = new();
    private readonly RankHistogram _seasonRanks = new();
    private readonly BlockLevel _level = new();
    private readonly HourOfDaySeason _season = new();
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;
    private double _peak;

    /// <summary>The novelty of a finite <paramref name="value"/>, 0 or more; then learns from it.</summary>
    public double Observe(long ticks, double value)
    {
        var strength = 0.0;
        var outside = Math.Max(0, Math.Max(_min - value, value - _max));
        var range = _max - _min;
        var rangeDeviation = outside > 0 && range > 0 ? outside / range : 0;
        strength -= Math.Log10(_rangeRanks.PValue(rangeDeviation));
        _rangeRanks.Add(rangeDeviation);
        _min = Math.Min(_min, value);
        _max = Math.Max(_max, value);

        var levelDeviation = _level.Observe(value);
        strength -= Math.Log10(_levelRanks.PValue(levelDeviation));
        _levelRanks.Add(levelDeviation);

        var seasonDeviation = _season.Observe(ticks, value);
        strength -= SeasonWeight * Math.Log10(_seasonRanks.PValue(seasonDeviation));
        _seasonRanks.Add(seasonDeviation);

        var emitted = strength > RefractoryFactor * _peak ? strength : 0;
        _peak = Math.Max(RefractoryDecay * _peak, strength);
        return emitted;
    }
}
