using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>One kind of asset in a demo.</summary>
/// <param name="Profile">Complete: with the metrics that the data bring.</param>
/// <param name="Past">What is stored and learned from.</param>
/// <param name="Live">What is sent to Kafka: rows from <see cref="DemoScript.WarmFrom"/> on, and the incidents that are reported as they happen.</param>
internal sealed record DemoFleet(Profile Profile, FleetRecord Past, FleetRecord Live)
{
    /// <summary>Other fleets whose incidents help to train.</summary>
    public IReadOnlyList<PooledFleet> Pool { get; init; } = [];
}

/// <summary>What a demo plays.</summary>
internal sealed record DemoScript
{
    public required string Title { get; init; }

    public required IReadOnlyList<DemoFleet> Fleets { get; init; }

    /// <summary>The time at which the demo's clock starts; all of the past lies before.</summary>
    public required DateTimeOffset Origin { get; init; }

    /// <summary>Live rows from here to the origin are sent before the clock starts, so that the assets are not cold. Default: none.</summary>
    public DateTimeOffset? WarmFrom { get; init; }

    /// <summary>How much of the world's time is played.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>How long that takes.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>True when each asset's record ends with its last row; false when the world goes on after the demo.</summary>
    public required bool RecordsEnd { get; init; }

    /// <summary>The clock as text, from the time since the origin.</summary>
    public required Func<TimeSpan, string> Clock { get; init; }

    /// <summary>Lines about what the board shows in the end.</summary>
    public required Func<LiveBoard, IEnumerable<string>> Summary { get; init; }

    /// <summary>What to try next.</summary>
    public required string Next { get; init; }

    /// <summary>Seconds of the world in one of the wall.</summary>
    public double Speed => Length / Duration;

    /// <summary>Distinct horizons of all profiles, ascending.</summary>
    public IReadOnlyList<Horizon> Horizons => HorizonsOf(Fleets.Select(f => f.Profile));

    public static IReadOnlyList<Horizon> HorizonsOf(IEnumerable<Profile> profiles) =>
        [.. profiles.SelectMany(p => p.Horizons).DistinctBy(h => h.Span).OrderBy(h => h.Span)];
}
