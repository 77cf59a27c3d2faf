using System.Globalization;

namespace ServiMon.Predict.Simulation;

/// <summary>What to simulate. Equal options give equal bits on one build and machine type.</summary>
public sealed record SimulationOptions
{
    /// <summary>One of <see cref="FleetCatalogue.Names"/>. Default: observatory.</summary>
    public string Fleet { get; init; } = "observatory";

    /// <summary>Length; one step at least. Default: 14 days.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Time of the first step, UTC. Default: 2024-01-01T00:00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Any value. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Horizons of the truth: ascending multiples of the step, at most 20,000 steps. Default: 1, 6 and 24 hours.</summary>
    public IReadOnlyList<TimeSpan> Horizons { get; init; } = [TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromHours(24)];

    /// <summary>Spacing of the rows, 1 second to 1 hour. Default: 1 minute.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Assets of each kind, 1 to 100,000. Default: null, the fleet's own numbers.</summary>
    public int? AssetCountOverride { get; init; }

    /// <summary>Share of rows whose exporter did not answer, singly (the probe did). 0 to 0.5, default 0.003.</summary>
    public double MissedScrapeShare { get; init; } = 0.003;

    /// <summary>Share of rows in bursts of such rows of ten minutes' mean. 0 to 0.5, default 0.004.</summary>
    public double BurstGapShare { get; init; } = 0.004;

    /// <summary>Share of rows that are absent, in gaps of 40 minutes' mean. 0 to 0.5, default 0.003.</summary>
    public double WholeGapShare { get; init; } = 0.003;

    /// <summary>Share of rows in which one sensor repeats its last value, for three hours in the mean. 0 to 0.5, default 0.004.</summary>
    public double StuckSensorShare { get; init; } = 0.004;

    /// <summary>Longest horizon, in steps, that is allowed: the truth costs its square.</summary>
    public const int MaximumHorizonSteps = 20_000;

    /// <summary>Every horizon in steps.</summary>
    public IReadOnlyList<int> HorizonSteps => [.. Horizons.Select(h => (int)(h / Step))];

    /// <summary>Rows of an asset without gaps; the row at Start + Duration is not one of them.</summary>
    public int StepCount => (int)(Duration / Step);

    /// <exception cref="InputException">With every value that is out of its range.</exception>
    public void Validate()
    {
        var problems = new List<Problem>();
        if (!FleetCatalogue.Names.Contains(Fleet)) Report("fleet", $"'{Fleet}' is not one of {string.Join(", ", FleetCatalogue.Names)}");
        var stepValid = Step >= TimeSpan.FromSeconds(1) && Step <= TimeSpan.FromHours(1);
        if (!stepValid) Report("step", $"{Step} is outside 1 second to 1 hour");
        if (stepValid && (Duration < Step || Duration / Step > 100_000_000))
            Report("days", $"{Duration} is outside 1 to 100,000,000 steps of {Step}");
        if (Start.Offset != TimeSpan.Zero) Report("start", string.Create(CultureInfo.InvariantCulture, $"{Start:O} is not in UTC"));
        if (AssetCountOverride is < 1 or > 100_000) Report("assets", $"{AssetCountOverride} is outside 1 to 100,000");
        if (Horizons.Count == 0) Report("horizons", "none given; at least one is needed");
        for (var i = 0; stepValid && i < Horizons.Count; i++)
        {
            if (Horizons[i] < Step || Horizons[i].Ticks % Step.Ticks != 0 || Horizons[i] / Step > MaximumHorizonSteps)
                Report("horizons", $"{Horizons[i]} is not 1 to {MaximumHorizonSteps} whole steps of {Step}");
            if (i > 0 && Horizons[i] <= Horizons[i - 1])
                Report("horizons", $"{Horizons[i]} does not come after {Horizons[i - 1]}; they ascend");
        }
        CheckShare("missed scrapes", MissedScrapeShare);
        CheckShare("burst gaps", BurstGapShare);
        CheckShare("whole gaps", WholeGapShare);
        CheckShare("stuck sensors", StuckSensorShare);
        if (problems.Count > 0) throw new InputException(problems);

        void Report(string what, string found) => problems.Add(new Problem("simulation: " + what, found));

        void CheckShare(string what, double share)
        {
            if (!(share is >= 0 and <= 0.5)) Report(what, string.Create(CultureInfo.InvariantCulture, $"{share} is outside 0 to 0.5"));
        }
    }
}
