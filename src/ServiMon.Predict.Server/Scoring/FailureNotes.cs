using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>
/// The failures that rules have seen since the last save: stored with the steps in which they were seen, each known by its asset and start, so
/// that telling it again after a crash changes nothing.
/// </summary>
/// <remarks>For the thread that scores.</remarks>
internal sealed class FailureNotes
{
    private Dictionary<(AssetKey Asset, DateTimeOffset Start), Incident> _waiting = [];

    /// <summary>Looks at an asset whose step has closed: notes a failure when it is seen first, and when it is over.</summary>
    public void Look(LiveSlot slot)
    {
        if (slot.Live.EndedFailure is { } over) Put(slot.Key, RuleIncidents.Of(slot.Key.Asset, over.Kind, over.Start, over.End));
        var lasting = slot.Live.Failure;
        if (lasting is { } seen && slot.ToldFailure != seen.Start) Put(slot.Key, RuleIncidents.Of(slot.Key.Asset, seen.Kind, seen.Start, null));
        slot.ToldFailure = lasting?.Start;
    }

    /// <summary>Everything that waits, by profile; nothing waits afterwards.</summary>
    public IReadOnlyList<(string Profile, Incident Incident)> Take()
    {
        if (_waiting.Count == 0) return [];
        var taken = _waiting.Select(w => (w.Key.Asset.Profile, w.Value)).ToList();
        _waiting = [];
        return taken;
    }

    private void Put(AssetKey key, Incident incident) => _waiting[(key, incident.Start)] = incident;
}
