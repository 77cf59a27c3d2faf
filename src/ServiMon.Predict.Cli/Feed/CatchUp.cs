namespace ServiMon.Predict.Cli.Feed;

/// <summary>
/// When a step of a feed is due that begins in the past: played faster than it went until the present is reached, then as time goes. Never ahead
/// of the wall's clock, so that a service takes the samples as it takes real ones.
/// </summary>
/// <param name="start">Time of the first step; at or before the present.</param>
/// <param name="speed">Seconds of the past in one of the wall, above 0.</param>
internal sealed class CatchUp(DateTimeOffset start, double speed, TimeProvider wall)
{
    private readonly long _began = wall.GetTimestamp();

    /// <summary>How long to wait for a step; zero when it is due.</summary>
    public TimeSpan WaitFor(DateTimeOffset step)
    {
        var played = (step - start) / speed - wall.GetElapsedTime(_began);
        var present = step - wall.GetUtcNow();
        var wait = played > present ? played : present;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
