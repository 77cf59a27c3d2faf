using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage;

/// <summary>Which incidents or maintenance windows to list.</summary>
public sealed record IntervalQuery
{
    public required string Profile { get; init; }

    /// <summary>Null (the default) for all assets.</summary>
    public IReadOnlyCollection<string>? Assets { get; init; }

    /// <summary>Only those that end after this time, or never; null (the default) from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those that start before this time; null (the default) to the end.</summary>
    public DateTimeOffset? To { get; init; }
}

/// <summary>The failures of fleets, and the times of being down on purpose. One is known by profile, asset and start.</summary>
public interface IIncidentStore
{
    /// <summary>Adds incidents; one that is there already gets the new end and kind, so that an open incident is closed by adding it again.</summary>
    /// <returns><see cref="AppendCount.Replaced"/> counts all that were there already, changed or not.</returns>
    Task<AppendCount> AddIncidentsAsync(string profile, IReadOnlyList<Incident> incidents, CancellationToken ct = default);

    /// <inheritdoc cref="AddIncidentsAsync"/>
    Task<AppendCount> AddMaintenanceAsync(string profile, IReadOnlyList<MaintenanceWindow> windows, CancellationToken ct = default);

    /// <summary>Takes back an incident that was none.</summary>
    /// <returns>False when there is no incident of that asset and start.</returns>
    Task<bool> RemoveIncidentAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default);

    /// <inheritdoc cref="RemoveIncidentAsync"/>
    Task<bool> RemoveMaintenanceAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default);

    /// <summary>Lists by asset (ordinal) and start.</summary>
    IAsyncEnumerable<Incident> ListIncidentsAsync(IntervalQuery query, CancellationToken ct = default);

    /// <inheritdoc cref="ListIncidentsAsync"/>
    IAsyncEnumerable<MaintenanceWindow> ListMaintenanceAsync(IntervalQuery query, CancellationToken ct = default);
}
