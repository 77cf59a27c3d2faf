using System.Text.Json;

namespace ServiMon.Predict.Storage.Cassandra.Registry;

/// <summary>One change of champion as it is kept.</summary>
/// <param name="Below">The index of the change that a rollback goes back to; null when there is none.</param>
internal sealed record StoredChange(string Model, long At, ChampionAction Action, string Actor, int? Below);

/// <summary>The changes of champion of a profile, oldest first, and the revision that a writer must have seen to add one.</summary>
internal sealed record ChampionLog(IReadOnlyList<StoredChange> Changes, int? Revision)
{
    public string? Champion => Changes.Count == 0 ? null : Changes[^1].Model;

    public static ChampionLog Parse(string? json, int? revision) =>
        new(json is null ? [] : JsonSerializer.Deserialize<List<StoredChange>>(json)!, revision);

    public string Text => JsonSerializer.Serialize(Changes);

    public ChampionLog Promote(string model, long at, string actor) =>
        With(new StoredChange(model, at, ChampionAction.Promote, actor, Changes.Count == 0 ? null : Changes.Count - 1));

    /// <param name="there">Models that there are: those that were deleted are passed over.</param>
    /// <returns>Null when there is no champion before the present one.</returns>
    public ChampionLog? Rollback(long at, string actor, IReadOnlySet<string> there)
    {
        var below = Changes.Count == 0 ? null : Changes[^1].Below;
        while (below is { } b && !there.Contains(Changes[b].Model)) below = Changes[b].Below;
        return below is { } found ? With(new StoredChange(Changes[found].Model, at, ChampionAction.Rollback, actor, Changes[found].Below)) : null;
    }

    private ChampionLog With(StoredChange change) => new([.. Changes, change], (Revision ?? 0) + 1);
}
