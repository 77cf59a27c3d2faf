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

    /// <summary>Null when there is no champion before the present one.</summary>
    public ChampionLog? Rollback(long at, string actor)
    {
        if (Changes.Count == 0 || Changes[^1].Below is not { } below) return null;
        return With(new StoredChange(Changes[below].Model, at, ChampionAction.Rollback, actor, Changes[below].Below));
    }

    private ChampionLog With(StoredChange change) => new([.. Changes, change], (Revision ?? 0) + 1);
}
