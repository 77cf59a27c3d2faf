using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training.Composites;

/// <summary>Replays the composites of a fleet into the table that their hazards are fitted to.</summary>
/// <remarks>
/// Members are replayed once more, together and whole: evidence that is joined by time cannot be made of parts of the assets' histories. Beyond
/// <see cref="ReadingOptions.MostValues"/> whole roots are left out: those whose composites failed are kept as far as the budget goes, and of the others a share is drawn,
/// weighted by its inverse. Rows are drawn as those of assets are.
/// </remarks>
internal static class CompositeTables
{
    /// <param name="assets">The assets to use; null for all. A composite that has others too is left out.</param>
    /// <param name="until">Nothing from this time on is used, neither rows nor incidents.</param>
    /// <returns>Null when no asset has a parent.</returns>
    public static EvidenceTable? Build(
        EvidenceModel model, TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed, ReadingOptions? reading,
        IProgress<double>? progress, CancellationToken cancellation)
    {
        reading ??= new ReadingOptions();
        var profile = model.Profile;
        var cut = until?.UtcTicks ?? long.MaxValue;
        var extents = fleet.Assets.ToDictionary(a => a.Asset, a => fleet.Before(a, cut, profile.Step));
        var roots = CompositeRoot.Of(fleet.Assets.Select(a => a.Asset)).Select(r => assets is null ? r : r.Within(assets)).Where(r => r.Composites.Count > 0).ToList();
        if (roots.Count == 0) return null;

        var timelines = FleetCut.Timelines(fleet, until, [.. roots.SelectMany(r => r.Assets.Concat(r.Composites.Select(c => c.Path)))]);
        var drawn = Drawn(roots, extents, timelines, reading.MostValues / Math.Max(1, fleet.Metrics.Count), seed);
        var composites = drawn.SelectMany(d => d.Root.Composites.Select(c =>
            CompositeRoot.Extent(c.Path, c.Members.Select(m => extents[d.Root.Assets[m]]), profile.Step))).ToList();
        var plan = ReadingPlan.Make(profile, composites, timelines, EvidenceTableBuilder.NearHorizons, double.PositiveInfinity, seed);
        var draw = EvidenceTableBuilder.Draw(profile, model.Composite.Layout.Width, plan);
        var failed = composites.Select(c => c.Asset).Where(p => timelines[p].Incidents.Count > 0).ToList();
        var numbers = Numbers(composites.Select(c => c.Asset), CompositeGroups.ByFailed(failed, [.. extents.Keys]));
        var (starts, firsts) = (new int[drawn.Count], new int[composites.Count]);
        for (var d = 1; d < drawn.Count; d++) starts[d] = starts[d - 1] + drawn[d - 1].Root.Composites.Count;
        for (var c = 1; c < composites.Count; c++) firsts[c] = firsts[c - 1] + timelines[composites[c - 1].Asset].Incidents.Count;

        var made = new EvidenceRows[composites.Count];
        var counted = new RowProgress(progress, drawn.Sum(d => (double)d.Root.Assets.Sum(a => extents[a].RowCount)));
        InParallel.Run(drawn.Count, reading.Parallelism, d =>
        {
            var root = drawn[d].Root;
            var playback = new CompositePlayback(
                model, null, fleet, [.. root.Assets.Select(a => CompositeRoot.Whole(extents[a], timelines[a], profile))], root.Composites, path => timelines[path], cancellation);
            for (var c = 0; c < root.Composites.Count; c++) made[starts[d] + c] = new EvidenceRows();
            playback.Play((_, _) => { }, c => Keep(playback.Composites[c], made[starts[d] + c], timelines[root.Composites[c].Path], draw,
                numbers[root.Composites[c].Path], firsts[starts[d] + c], drawn[d].Weight, seed), rows => counted.Add(rows));
            for (var c = 0; c < root.Composites.Count; c++)
            {
                var (last, timeline) = (composites[starts[d] + c].Last.UtcTicks, timelines[root.Composites[c].Path]);
                made[starts[d] + c].Close(timeline.EndsInIncident(last, profile.Step) ? long.MaxValue : Math.Min(last, cut));
            }
        }, cancellation);
        var table = EvidenceRows.ToTable(made, model.Composite.Layout.Width, composites.Sum(c => timelines[c.Asset].Incidents.Count));
        return table with { AssetCount = numbers.Values.Max() + 1, Groups = numbers };
    }

    /// <summary>
    /// The rows of assets as those of composites with one member each, numbered as the composites that they belong to: an incident of a member is the nearest thing to one
    /// of a composite where few composites have failed.
    /// </summary>
    /// <param name="members">Evidence of the assets, numbered as in <paramref name="assets"/>.</param>
    /// <param name="composites">Whose groups count.</param>
    public static EvidenceTable OfMembers(EvidenceModel model, EvidenceTable members, IReadOnlyList<string> assets, EvidenceTable composites)
    {
        var groups = composites.Groups!;
        int[] number = [.. assets.Select(a => AssetPath.Parents(a).Where(groups.ContainsKey).Select(p => groups[p]).DefaultIfEmpty(-1).First())];
        int[] rows = [.. Enumerable.Range(0, members.Count).Where(r => number[members.Asset[r]] >= 0)];
        var width = model.Composite.Layout.UniversalCount;
        var values = new float[(long)rows.Length * width];
        for (var i = 0; i < rows.Length; i++) model.Composite.WriteSingle(members.Row(rows[i]), values.AsSpan(i * width, width));
        return new EvidenceTable
        {
            Width = width, Values = values, Asset = [.. rows.Select(r => number[members.Asset[r]])], AssetCount = composites.AssetCount,
            Ticks = [.. rows.Select(r => members.Ticks[r])], SecondsToIncident = [.. rows.Select(r => members.SecondsToIncident[r])],
            SecondsObserved = [.. rows.Select(r => members.SecondsObserved[r])], Incident = [.. rows.Select(r => members.Incident[r])],
            IncidentCount = members.IncidentCount, Weight = [.. rows.Select(r => members.Weight[r])], SharesAssets = true,
        };
    }

    private static void Keep(
        CompositeScorer composite, EvidenceRows rows, Timeline timeline, RowShares draw, int number, int firstIncident, double weight, ulong seed)
    {
        var ticks = composite.Ticks;
        if (!composite.HasEvidence || composite.IsWarmingUp || timeline.InIncident(ticks)) return;
        var next = timeline.NextIncident(ticks);
        var toIncident = next >= 0 ? timeline.Incidents[next].Start - ticks : long.MaxValue;
        var share = draw.Near.ShareAt(toIncident) ?? draw.Far;
        if (share < 1 && RowDraw.Uniform(RowDraw.Salt(seed, composite.Path), ticks) >= share) return;
        rows.Add([.. composite.Evidence], number, ticks, toIncident, timeline.NextMaintenance(ticks), next >= 0 ? firstIncident + next : -1, weight / share);
    }

    /// <summary>Numbers of the groups; a composite that is cut has one of its own.</summary>
    private static Dictionary<string, int> Numbers(IEnumerable<string> composites, CompositeGroups groups)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var ofGroup = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var path in composites)
        {
            var group = groups.Of(path, isAsset: false) ?? path;
            if (!ofGroup.TryGetValue(group, out var number)) ofGroup.Add(group, number = ofGroup.Count);
            numbers.Add(path, number);
        }
        return numbers;
    }

    /// <summary>The roots that are read, each with the number of roots that it stands for.</summary>
    private static List<(CompositeRoot Root, double Weight)> Drawn(
        List<CompositeRoot> roots, Dictionary<string, AssetExtent> extents, IReadOnlyDictionary<string, Timeline> timelines, long mostRows, ulong seed)
    {
        double Rows(IEnumerable<CompositeRoot> some) => some.Sum(r => (double)r.Assets.Sum(a => extents[a].RowCount));
        if (Rows(roots) <= mostRows) return [.. roots.Select(r => (r, 1.0))];
        var failed = roots.ToLookup(r => r.Composites.Any(c => timelines[c.Path].Incidents.Count > 0));
        const double failedPart = 2.0 / 3;
        var failedShare = Math.Min(1, failedPart * mostRows / Math.Max(1, Rows(failed[true])));
        var otherShare = Math.Clamp((mostRows - failedShare * Rows(failed[true])) / Math.Max(1, Rows(failed[false])), 0, 1);
        return [.. Of(true, failedShare), .. Of(false, otherShare)];

        IEnumerable<(CompositeRoot, double)> Of(bool hasFailed, double share)
        {
            // One of each at least, however large it is.
            var some = failed[hasFailed].ToList();
            share = some.Count == 0 ? 1 : Math.Max(share, 1.0 / some.Count);
            var start = RowDraw.Uniform(RowDraw.Salt(seed, "roots"), hasFailed ? 1 : 0);
            return some.Where((_, i) => RowDraw.IsChosen(start, share, i)).Select(r => (r, 1 / share));
        }
    }
}
