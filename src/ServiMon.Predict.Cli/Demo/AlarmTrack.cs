namespace ServiMon.Predict.Cli.Demo;

/// <summary>What became of alarms and incidents so far. An alarm that nothing followed yet counts nowhere.</summary>
/// <param name="Predicted">Incidents with an alarm before them.</param>
/// <param name="Missed">Incidents without.</param>
/// <param name="FalseAlarms">Alarms that no incident followed within the longest horizon.</param>
internal readonly record struct AlarmCounts(int Predicted, int Missed, int FalseAlarms)
{
    public int Incidents => Predicted + Missed;

    public static AlarmCounts operator +(AlarmCounts a, AlarmCounts b) =>
        new(a.Predicted + b.Predicted, a.Missed + b.Missed, a.FalseAlarms + b.FalseAlarms);
}

/// <summary>
/// The alarm of one asset: on when the probability of failing within the longest horizon reaches a threshold, off again below half of it,
/// so that a probability that wavers around the threshold is one alarm.
/// </summary>
internal sealed class AlarmTrack(double threshold, TimeSpan horizon)
{
    private long? _since;
    private bool _on;
    private bool _judged;

    /// <summary>True while the alarm is on.</summary>
    public bool IsOn => _on;

    /// <summary>True when an alarm went off that nothing followed yet, within its horizon.</summary>
    public bool IsOpen => _since is not null && !_judged;

    public AlarmCounts Counts { get; private set; }

    /// <summary>How long before the last incident the alarm went off, at most the horizon; null when it did not, or there was none.</summary>
    public TimeSpan? LastLead { get; private set; }

    /// <summary>The warning times of all incidents that had one.</summary>
    public List<TimeSpan> Leads { get; } = [];

    /// <summary>Takes the probability at a time.</summary>
    /// <param name="probability">For the longest horizon; NaN when there is none: the alarm stays as it is.</param>
    public void Observe(long ticks, double probability)
    {
        Judge(ticks);
        if (double.IsNaN(probability)) return;
        if (!_on && probability >= threshold)
        {
            // An alarm that comes back before its horizon has passed is the same alarm.
            if (_since is null || _judged) (_since, _judged) = (ticks, false);
            _on = true;
        }
        else if (_on && probability < threshold / 2) _on = false;
    }

    /// <summary>An incident has begun: was it predicted?</summary>
    public void IncidentStarted(long ticks)
    {
        Judge(ticks);
        // An alarm that goes off once it has begun is no warning.
        var lead = _since is null || _since > ticks || (_judged && !_on) ? (TimeSpan?)null : TimeSpan.FromTicks(Math.Min(ticks - _since.Value, horizon.Ticks));
        LastLead = lead;
        if (lead is { } warned) Leads.Add(warned);
        Counts += lead is null ? new AlarmCounts(0, 1, 0) : new AlarmCounts(1, 0, 0);
        Clear();
    }

    /// <summary>Planned down time has begun: what was expected will not be seen.</summary>
    public void Clear() => (_since, _on, _judged) = (null, false, false);

    /// <summary>The asset's data have ended in good health: an alarm that is still open was false.</summary>
    public void End()
    {
        if (_since is not null && !_judged) Counts += new AlarmCounts(0, 0, 1);
        Clear();
    }

    private void Judge(long ticks)
    {
        if (_since is not { } since || _judged || ticks - since <= horizon.Ticks) return;
        Counts += new AlarmCounts(0, 0, 1);
        _judged = true;
        if (!_on) _since = null;
    }
}
