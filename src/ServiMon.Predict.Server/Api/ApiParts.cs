using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>What became of pushed samples.</summary>
/// <param name="Accepted">Samples that were taken.</param>
/// <param name="Dropped">Samples that were not, by reason as metrics name it.</param>
public sealed record SampleReceipt(long Accepted, IReadOnlyDictionary<string, long> Dropped)
{
    /// <summary>The first samples that were not taken: their place in the request, and the reason.</summary>
    public IReadOnlyList<(string Field, string Reason)> FirstDropped { get; init; } = [];
}

/// <summary>
/// Takes pushed samples: when it returns they are as safe as samples read from Kafka. Throws <see cref="OverloadException"/> when it cannot
/// take more now, <see cref="BrokersDownException"/> when no broker takes them; some may have been taken then.
/// </summary>
public delegate Task<SampleReceipt> SampleIntake(V1.PushSamplesRequest request, CancellationToken ct);

/// <summary>No broker has taken what was pushed; asking again after a while may help.</summary>
public sealed class BrokersDownException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>More came in than can be taken now; asking again after a while may help.</summary>
public sealed class OverloadException(string message, TimeSpan retryAfter) : Exception(message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>How the API behaves under load.</summary>
public sealed record ApiOptions
{
    /// <summary>Most bytes of one request. Default 16 MiB, range 64 KiB to 1 GiB.</summary>
    public int MaxRequestBytes { get; init; } = 16 << 20;

    /// <summary>Forecasts and detections that are computed at one time; others wait until their deadline. Default 2, range 1 to 64.</summary>
    public int ComputeSlots { get; init; } = 2;

    /// <summary>Longest a forecast or detection waits for a slot when the caller gave no deadline. Default 10 s, range 0 s to 10 min.</summary>
    public TimeSpan ComputeWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most entries of one page of a list. Default 1,000, range 1 to 10,000.</summary>
    public int MaxPageSize { get; init; } = 1000;

    /// <summary>Longest that a call with one answer takes when its caller gave no deadline. Default 30 s, range 100 ms to 10 min.</summary>
    public TimeSpan UnaryLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every value that is out of its range.</summary>
    public IEnumerable<Problem> Problems(string where)
    {
        if (MaxRequestBytes is < 64 << 10 or > 1 << 30)
            yield return new Problem(where, FormattableString.Invariant($"MaxRequestBytes is {MaxRequestBytes}, allowed {64 << 10} to {1 << 30}"));
        if (ComputeSlots is < 1 or > 64) yield return new Problem(where, FormattableString.Invariant($"ComputeSlots is {ComputeSlots}, allowed 1 to 64"));
        if (MaxPageSize is < 1 or > 10_000) yield return new Problem(where, FormattableString.Invariant($"MaxPageSize is {MaxPageSize}, allowed 1 to 10000"));
        if (UnaryLimit < TimeSpan.FromMilliseconds(100) || UnaryLimit > TimeSpan.FromMinutes(10))
            yield return new Problem(where, FormattableString.Invariant($"UnaryLimit is {UnaryLimit.TotalSeconds} s, allowed 0.1 s to 600 s"));
        if (ComputeWait < TimeSpan.Zero || ComputeWait > TimeSpan.FromMinutes(10))
            yield return new Problem(where, FormattableString.Invariant($"ComputeWait is {ComputeWait.TotalSeconds} s, allowed 0 s to 600 s"));
    }
}

/// <summary>What the API speaks for.</summary>
public sealed record ApiParts
{
    public required PredictionBoard Board { get; init; }

    /// <summary>How far live values are from those that a model was trained on, by its id; none for a model that does not score here.</summary>
    public Func<string, IEnumerable<InputDistance>> InputDistances { get; init; } = _ => [];

    public required IHistoryStore History { get; init; }

    public required IIncidentStore Incidents { get; init; }

    public required IModelRegistry Models { get; init; }

    public required ILogStore Log { get; init; }

    /// <summary>The profiles that this instance serves, by name.</summary>
    public required IReadOnlyDictionary<string, Profile> Profiles { get; init; }

    public required TrainingCoordinator Training { get; init; }

    public required SampleIntake Intake { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ApiOptions Options { get; init; } = new();
}
