using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>One failure rule on one asset: since when its condition has held.</summary>
internal sealed class FailureRuleState(FailureRule rule, int metric)
{
    private long _since = long.MinValue;

    public string Kind => rule.Kind;

    /// <summary>When the condition began to hold, once it has held for as long as the rule asks; else null.</summary>
    public long? Fired { get; private set; }

    public void Observe(long ticks, ReadOnlySpan<double> raw)
    {
        if (!Holds(metric < 0 ? double.NaN : raw[metric]))
        {
            _since = long.MinValue;
            Fired = null;
            return;
        }
        if (_since == long.MinValue) _since = ticks;
        Fired = ticks - _since >= rule.For.Ticks ? _since : null;
    }

    public void Save(StateWriter writer)
    {
        writer.Long(_since);
        writer.Long(Fired ?? long.MinValue);
    }

    public void Load(ref StateReader reader)
    {
        _since = reader.Long();
        Fired = reader.Long() is var fired && fired == long.MinValue ? null : fired;
    }

    private bool Holds(double value) => rule.Comparison switch
    {
        "missing" => double.IsNaN(value),
        "<" => value < rule.Value,
        "<=" => value <= rule.Value,
        ">" => value > rule.Value,
        ">=" => value >= rule.Value,
        "==" => value == rule.Value,
        _ => throw new InvalidOperationException($"rule '{rule.Kind}' has comparison '{rule.Comparison}', expected <, <=, >, >=, == or missing"),
    };
}
