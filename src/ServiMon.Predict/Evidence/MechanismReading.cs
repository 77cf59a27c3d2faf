namespace ServiMon.Predict.Evidence;

/// <summary>How near a metric is to its limit.</summary>
/// <param name="Metric">Its index in the profile.</param>
/// <param name="Ratio">Used / limit, 0 to 1, when last seen.</param>
/// <param name="TimeToLimit">At its present pace; null when it does not move toward the limit, is there already, or takes far longer than the longest horizon.</param>
public readonly record struct LimitReading(int Metric, double Ratio, TimeSpan? TimeToLimit);

/// <summary>A health probe that is failing.</summary>
/// <param name="Metric">Its index in the profile.</param>
/// <param name="FailureCount">Failures in a row up to the last answer.</param>
public readonly record struct ProbeReading(int Metric, long FailureCount);

/// <summary>Says which metrics stand behind the mechanisms among the universal evidence. Read on demand, to explain a prediction.</summary>
internal static class MechanismReading
{
    /// <summary>A resource that is this full is at its limit.</summary>
    private const float Full = 0.995f;

    /// <summary>The limit that is reached first at the present pace; null when none is approached.</summary>
    public static LimitReading? Urgent(EvidenceModel model, LaneState state) => First(model, state, lane => SlopeTracker.Pace(model, state, lane)[0]);

    /// <summary>The limit with the least room; null when none was ever seen.</summary>
    public static LimitReading? Fullest(EvidenceModel model, LaneState state) =>
        First(model, state, lane => LaneEvidence.Known(state, LaneRow.MeanFast, model.LimitStart + lane));

    /// <summary>The probe with the most failures in a row, null when none is failing.</summary>
    public static ProbeReading? FailingProbe(EvidenceModel model, LaneState state)
    {
        ProbeReading? most = null;
        for (var i = 0; i < model.ProbeUps.Length; i++)
        {
            if (!(state[LaneRow.Last, model.ProbeUpStart + i] > 0)) continue;
            var count = 1 + (long)state[LaneRow.SinceChange, model.ProbeUpStart + i];
            if (most is not { } other || count > other.FailureCount) most = new ProbeReading(model.ProbeUps[i], count);
        }
        return most;
    }

    private static LimitReading? First(EvidenceModel model, LaneState state, Func<int, float> rank)
    {
        var (best, most) = (-1, 0f);
        for (var lane = 0; lane < model.Limits.Length; lane++)
            if (rank(lane) is var value && value > most) (best, most) = (lane, value);
        if (best < 0) return null;
        var ratio = state[LaneRow.Last, model.LimitStart + best];
        var pace = SlopeTracker.Pace(model, state, best)[0];
        var isNear = ratio < Full && pace * UniversalEvidence.UrgencyHorizons * model.LastHorizon >= 1;
        return new LimitReading(model.Limits[best].Metric, ratio, isNear ? model.Profile.Step / pace : null);
    }
}
