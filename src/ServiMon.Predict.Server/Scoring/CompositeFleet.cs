using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>The composites of a <see cref="LiveFleet"/>: which there are follows from its assets.</summary>
/// <remarks>For the thread that scores.</remarks>
internal sealed class CompositeFleet
{
    private readonly Dictionary<AssetKey, CompositeSlot> _slots = [];

    /// <summary>States that were saved, of composites whose members are not back yet.</summary>
    private readonly Dictionary<AssetKey, LiveComposite> _saved = [];

    public IEnumerable<CompositeSlot> Slots => _slots.Values;

    public bool Has(AssetKey key) => _slots.ContainsKey(key);

    /// <summary>Makes an asset a member of the composites above it.</summary>
    /// <param name="isAsset">True for a path that has samples of its own: such a one is no composite.</param>
    /// <param name="grids">Grids that composites had before, by path; null for none.</param>
    public void Join(LiveProfile profile, LiveSlot member, Func<AssetKey, bool> isAsset, IReadOnlyDictionary<string, AssetGrid>? grids)
    {
        if (!profile.Profile.Composite) return;
        var above = new List<CompositeSlot>();
        foreach (var path in AssetPath.Parents(member.Key.Asset))
        {
            var key = new AssetKey(profile.Name, path);
            if (isAsset(key)) continue;
            if (!_slots.TryGetValue(key, out var slot))
            {
                if (!_saved.Remove(key, out var live))
                    live = new LiveComposite(path, profile.Evidence, profile.Model, grids is not null && grids.TryGetValue(path, out var grid) ? grid : null);
                _slots.Add(key, slot = new CompositeSlot(key, live));
            }
            slot.Join(member);
            above.Add(slot);
        }
        member.Composites = above;
    }

    /// <summary>Takes an asset out of its composites.</summary>
    /// <returns>Composites without members now.</returns>
    public List<AssetKey> Leave(LiveSlot member)
    {
        var gone = new List<AssetKey>();
        foreach (var slot in member.Composites)
            if (!slot.Leave(member))
            {
                _slots.Remove(slot.Key);
                gone.Add(slot.Key);
            }
        member.Composites = [];
        return gone;
    }

    /// <summary>Takes out a composite whose path turns out to be an asset.</summary>
    public void Remove(AssetKey key, IEnumerable<LiveSlot> members)
    {
        _saved.Remove(key);
        if (!_slots.Remove(key, out var slot)) return;
        foreach (var member in members)
            if (member.Composites.Contains(slot)) member.Composites = [.. member.Composites.Where(c => c != slot)];
    }

    /// <summary>Takes out all composites of a profile.</summary>
    /// <returns>Their grids by path.</returns>
    public Dictionary<string, AssetGrid> Clear(string profile)
    {
        var grids = new Dictionary<string, AssetGrid>(StringComparer.Ordinal);
        foreach (var slot in _slots.Values.Where(s => s.Key.Profile == profile).ToList())
        {
            if (slot.Live.Scorer.Grid is { } grid) grids.Add(slot.Key.Asset, grid);
            _slots.Remove(slot.Key);
        }
        foreach (var key in _saved.Keys.Where(k => k.Profile == profile).ToList()) _saved.Remove(key);
        return grids;
    }

    /// <summary>Goes on with a saved state, at once or when the first member is back.</summary>
    /// <returns>The composite, when it has members.</returns>
    public CompositeSlot? Restore(AssetKey key, LiveComposite saved)
    {
        if (_slots.TryGetValue(key, out var slot)) slot.Restore(saved);
        else _saved[key] = saved;
        return slot;
    }
}
