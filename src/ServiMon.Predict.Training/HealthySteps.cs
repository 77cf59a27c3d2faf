using ServiMon.Predict.Profiles;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>
/// Which steps enter the reference distributions: those further from the next incident than the longest horizon, each with the same probability
/// whatever part of the history it was read with, so that none needs a weight and counts stay whole.
/// </summary>
internal sealed class HealthySteps
{
    /// <summary>Most steps of a fleet. The distribution of so many independent ones is within 0.0014 of the true one (Massart 1990, at 95 %).</summary>
    private const double MostSteps = 1_000_000;

    private readonly long _longestHorizon;
    private readonly double _near;
    private readonly double _far;

    public HealthySteps(Profile profile, ReadingPlan plan)
    {
        _longestHorizon = profile.LongestHorizon.Ticks;
        var share = Math.Min(Math.Min(plan.NearShare, plan.FarShare), MostSteps / Math.Max(1, plan.Assets.Sum(a => a.Extent.RowCount)));
        (_near, _far) = (share / plan.NearShare, share / plan.FarShare);
    }

    /// <summary>What the draws of one asset are mixed with.</summary>
    public static ulong Salt(ulong seed, string asset) => RowDraw.Salt(seed, $"{asset}\ndistributions");

    /// <param name="isNear">True when the step was read with the window before an incident, false when with a tile.</param>
    public bool IsDrawn(ulong salt, long ticks, long ticksToIncident, bool isNear) =>
        ticksToIncident > _longestHorizon && RowDraw.Uniform(salt, ticks) < (isNear ? _near : _far);
}
