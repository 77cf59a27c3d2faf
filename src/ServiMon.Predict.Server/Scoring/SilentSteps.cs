using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>
/// The last steps of an asset that fell silent: no newer sample comes to close them, so the clock does. What closes is decided with a save: the
/// saved state says until when steps are closed, beside the offsets up to which samples were read, and only then are they scored.
/// So after any end of the process the same samples count and the same steps close, once.
/// </summary>
internal static class SilentSteps
{
    /// <returns>The time until which the asset's steps are to be closed, UTC ticks; null when nothing is to be done.</returns>
    /// <param name="nowTicks">The service's clock.</param>
    public static long? CloseUntil(LiveSlot slot, Profile profile, long nowTicks)
    {
        if (slot.Live.OpenUntil is not { } end || slot.Live.HasClosedStep) return null;
        // History that is played into a topic comes long after its time: there the clock says nothing.
        if (slot.HeardTicks - slot.Live.NewestTicks > profile.StaleAfter.Ticks) return null;
        var patience = profile.Lateness.Ticks + profile.Step.Ticks;
        return nowTicks - slot.HeardTicks >= patience && nowTicks - profile.Lateness.Ticks >= end ? end : null;
    }
}
