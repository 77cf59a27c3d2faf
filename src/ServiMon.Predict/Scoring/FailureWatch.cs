using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>The failure rules of a profile on one asset: training, backtests and live scoring all pass over rows where one has fired.</summary>
public sealed class FailureWatch
{
    private readonly FailureRuleState[] _rules;

    public FailureWatch(Profile profile) =>
        _rules = [.. profile.FailureRules.Select(r => new FailureRuleState(r, profile.MetricIndex(r.Metric)))];

    /// <summary>Takes a row's raw values (NaN for missing) in the order of the profile's metrics.</summary>
    /// <returns>The condition that the asset is in: a normal one becomes an incident when a rule has fired.</returns>
    public AssetCondition Observe(long ticks, ReadOnlySpan<double> raw, AssetCondition condition)
    {
        var failed = false;
        foreach (var rule in _rules)
        {
            rule.Observe(ticks, raw);
            failed |= rule.Fired is not null;
        }
        return condition == AssetCondition.Normal && failed ? AssetCondition.Incident : condition;
    }

    internal void Save(StateWriter writer)
    {
        foreach (var rule in _rules) rule.Save(writer);
    }

    internal void Load(ref StateReader reader)
    {
        foreach (var rule in _rules) rule.Load(ref reader);
    }
}
