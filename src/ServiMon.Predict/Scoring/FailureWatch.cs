using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>The failure rules of a profile on one asset: training, backtests and live scoring all pass over rows where one has fired.</summary>
public sealed class FailureWatch
{
    private readonly FailureRuleState[] _rules;
    private int _rule = -1;
    private long _start;

    public FailureWatch(Profile profile) =>
        _rules = [.. profile.FailureRules.Select(r => new FailureRuleState(r, profile.MetricIndex(r.Metric)))];

    /// <summary>The failure that rules see going on, or null: the kind of the rule that saw it first, and when its condition began to hold (UTC ticks).</summary>
    public (string Kind, long Start)? Failure => _rule < 0 ? null : (_rules[_rule].Kind, _start);

    /// <summary>The failure that was over with the last row, or null. It ends with the first row for which no rule fires.</summary>
    public (string Kind, long Start, long End)? Ended { get; private set; }

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
        Ended = !failed && Failure is { } over ? (over.Kind, over.Start, ticks) : null;
        if (!failed) _rule = -1;
        // During what was reported or planned, rules tell nothing new.
        else if (_rule < 0 && condition == AssetCondition.Normal) Begin();
        return condition == AssetCondition.Normal && failed ? AssetCondition.Incident : condition;
    }

    internal void Save(StateWriter writer)
    {
        foreach (var rule in _rules) rule.Save(writer);
        writer.Int(_rule);
        writer.Long(_start);
    }

    internal void Load(ref StateReader reader)
    {
        foreach (var rule in _rules) rule.Load(ref reader);
        _rule = reader.Int();
        _start = reader.Long();
        if (_rule < -1 || _rule >= _rules.Length) throw new InvalidDataException($"the state has failure rule {_rule}, the profile {_rules.Length}");
    }

    private void Begin()
    {
        for (var r = 0; r < _rules.Length; r++)
            if (_rules[r].Fired is { } since && (_rule < 0 || since < _start)) (_rule, _start) = (r, since);
    }
}
