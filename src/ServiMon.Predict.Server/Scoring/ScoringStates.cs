using System.Globalization;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What was saved of some partitions: the next offset of each, and the assets that live there.</summary>
internal sealed record SavedStates(IReadOnlyDictionary<SourcePartition, long> Offsets, IReadOnlyList<SavedAsset> Assets);

/// <summary>The saved state of one asset.</summary>
internal sealed record SavedAsset(AssetKey Key, SourcePartition Home, ReadOnlyMemory<byte> State);

/// <summary>What is to be saved: captured at one moment between two messages.</summary>
/// <param name="Forgotten">Assets that were retired: their state is removed.</param>
/// <param name="Failures">What failure rules have seen, by profile and oldest first.</param>
internal sealed record Snapshot(
    IReadOnlyDictionary<SourcePartition, long> Offsets, IReadOnlyList<StateSnapshot> Assets, IReadOnlyList<StoredSteps> Steps,
    IReadOnlyList<AssetKey> Forgotten, IReadOnlyList<(string Profile, Incident Incident)> Failures)
{
    public int StepCount => Steps.Sum(s => s.Buffer.Count);

    public long ValueCount => Steps.Sum(s => (long)s.Buffer.ValueCount);
}

/// <summary>
/// Keeps the scoring state with the offsets that belong to it. Both are written in one transaction, so whatever moment the process dies at,
/// each sample is in the state or will be read again, never both and never neither. Keys: docs/formats/scoring-state.md.
/// </summary>
/// <param name="group">The consumer group: its members share one scope.</param>
/// <param name="logged">Told the predictions of a profile once they are logged, before state and offsets are stored; null: nobody asks.</param>
internal sealed class ScoringStates(
    ILogStore log, IHistoryStore history, IIncidentStore incidents, string group, Func<string, IReadOnlyList<LoggedPrediction>, CancellationToken, Task>? logged = null)
{
    private const string OffsetPrefix = "offset/", AssetPrefix = "asset/";

    private readonly string _scope = $"live/{group}";

    /// <summary>The state as it is now, for a <see cref="Snapshot"/>: written after what the writer has, and valid until that is cleared.</summary>
    public static StateSnapshot Capture(FleetSlot slot, SourcePartition home, StateWriter writer)
    {
        var start = writer.Written.Length;
        writer.Text(home.Topic);
        writer.Int(home.Partition);
        slot.Save(writer);
        return new StateSnapshot(KeyOf(slot.Key), writer.Written[start..]);
    }

    /// <summary>What was saved of these partitions.</summary>
    public async Task<SavedStates> LoadAsync(IReadOnlySet<SourcePartition> partitions, CancellationToken ct)
    {
        var offsets = new Dictionary<SourcePartition, long>();
        var assets = new List<SavedAsset>();
        await foreach (var (key, body) in log.ReadStatesAsync(_scope, ct))
        {
            if (key.StartsWith(OffsetPrefix, StringComparison.Ordinal))
            {
                var at = key.LastIndexOf('/');
                var source = new SourcePartition(key[OffsetPrefix.Length..at], int.Parse(key.AsSpan(at + 1), CultureInfo.InvariantCulture));
                if (partitions.Contains(source)) offsets.Add(source, new StateReader(body.Span).Long());
            }
            else if (key.StartsWith(AssetPrefix, StringComparison.Ordinal))
            {
                var reader = new StateReader(body.Span);
                var home = new SourcePartition(reader.Text(), reader.Int());
                var name = key.AsSpan(AssetPrefix.Length);
                var slash = name.IndexOf('/');
                if (partitions.Contains(home))
                    assets.Add(new SavedAsset(new AssetKey(name[..slash].ToString(), name[(slash + 1)..].ToString()), home, body[^reader.Left..]));
            }
        }
        return new SavedStates(offsets, assets);
    }

    /// <summary>Stores incidents, rows and predictions first, then state and offsets together: doing the first part twice changes nothing.</summary>
    /// <exception cref="StoreException">When the store is locked, full or not there; the same snapshot can be saved again later.</exception>
    public async Task SaveAsync(Snapshot snapshot, CancellationToken ct)
    {
        foreach (var seen in snapshot.Failures.ToLookup(f => f.Profile, f => f.Incident)) await AddSeenAsync(seen.Key, [.. seen], ct);
        foreach (var steps in snapshot.Steps)
        {
            await history.AppendAsync(steps.Profile, steps.Buffer.Rows(), ct);
            if (steps.Buffer.Predictions() is not { Count: > 0 } predictions) continue;
            await log.AppendPredictionsAsync(steps.Profile, predictions, ct);
            if (logged is not null) await logged(steps.Profile, predictions, ct);
        }
        if (snapshot.Forgotten.Count > 0) await log.DeleteStatesAsync(_scope, [.. snapshot.Forgotten.Select(KeyOf)], ct);
        var states = new List<StateSnapshot>(snapshot.Assets);
        foreach (var (source, next) in snapshot.Offsets)
        {
            var writer = new StateWriter();
            writer.Long(next);
            states.Add(new StateSnapshot(string.Create(CultureInfo.InvariantCulture, $"{OffsetPrefix}{source.Topic}/{source.Partition}"), writer.Written.ToArray()));
        }
        if (states.Count > 0) await log.PutStatesAsync(_scope, states, ct);
    }

    /// <summary>Adds what rules have seen, but for what was reported with the same start: the report has the better kind and end.</summary>
    private async Task AddSeenAsync(string profile, IReadOnlyList<Incident> seen, CancellationToken ct)
    {
        var query = new IntervalQuery { Profile = profile, Assets = [.. seen.Select(i => i.Asset).Distinct()], From = seen.Min(i => i.Start).AddTicks(-1) };
        var reported = await incidents.ListIncidentsAsync(query, ct).Where(i => !i.IsFromRule).Select(i => (i.Asset, i.Start)).ToHashSetAsync(cancellationToken: ct);
        await incidents.AddIncidentsAsync(profile, [.. seen.Where(i => !reported.Contains((i.Asset, i.Start)))], ct);
    }

    /// <summary>The stored rows of assets of a profile, by asset, from a span before the newest of them on.</summary>
    public async Task<Dictionary<string, List<AssetRows>>> ReadTailAsync(Profiles.Profile profile, IReadOnlyList<string> assets, TimeSpan span, CancellationToken ct)
    {
        var tails = new Dictionary<string, List<AssetRows>>();
        var wanted = assets.ToHashSet();
        var last = (await history.ListAssetsAsync(profile.Name, ct)).Where(e => wanted.Contains(e.Asset)).Select(e => e.Last).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        DateTimeOffset? from = last - DateTimeOffset.MinValue > span ? last - span : null;
        var query = new HistoryQuery { Profile = profile.Name, Assets = assets, From = from, Metrics = [.. profile.Metrics.Select(m => m.Name)] };
        await foreach (var piece in history.ReadAsync(query, ct))
        {
            if (!tails.TryGetValue(piece.Asset, out var list)) tails.Add(piece.Asset, list = []);
            list.Add(piece);
        }
        return tails;
    }

    /// <summary>Profile names have no slash, so that the asset is all that follows the second one.</summary>
    public static string KeyOf(AssetKey key) => $"{AssetPrefix}{key.Profile}/{key.Asset}";
}
