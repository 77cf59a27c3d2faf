using System.Security.Cryptography;
using System.Text;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>Replays a fleet's history into the table that hazards are fitted to.</summary>
/// <remarks>
/// Neighbouring rows say nearly the same, so of the rows before an incident at most a fixed number is drawn from each stretch between two
/// horizons, and of the healthy rows further away a share, by a hash of seed, asset and time. A drawn row carries the inverse of its probability as
/// weight. The table's size so follows the number of incidents rather than the length of the history or the step. A history beyond
/// <see cref="ReadingOptions.MostValues"/> is not even read whole: first windows and stretches are drawn, then rows from them, and the
/// weight is the inverse of both probabilities together.
/// </remarks>
public static class EvidenceTableBuilder
{
    /// <summary>Rows within this many longest horizons before an incident count as near it.</summary>
    internal const int NearHorizons = 3;

    /// <summary>The most rows drawn, on average, from each stretch between two horizons before an incident.</summary>
    private const double RowsPerStretch = 96;

    /// <summary>The most of the budget that rows near incidents take: healthy rows always get a fair part.</summary>
    private const double NearPart = 2.0 / 3;

    /// <summary>Healthy rows for each row near an incident.</summary>
    private const int HealthyPerNear = 2;

    /// <summary>Rows that are always worth having.</summary>
    private const int LeastRows = 15_000;

    /// <summary>Default of the most values (rows x width) that a table is meant to hold: 400 MB.</summary>
    public const long DefaultValueBudget = 100_000_000;

    /// <summary>Default of the most rows that a table is meant to hold.</summary>
    public const int DefaultRowBudget = 60_000;

    /// <param name="assets">The assets to use; null for all.</param>
    /// <param name="until">Nothing from this time on is used, neither rows nor incidents.</param>
    /// <param name="reading">Null for the defaults.</param>
    /// <param name="checkpoint">Where what is made of each asset is kept, and found again; null for nowhere. For all assets only.</param>
    public static EvidenceTable Build(
        EvidenceModel model, TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed,
        IProgress<double>? progress, CancellationToken cancellation, ReadingOptions? reading = null,
        ReadingCheckpoint? checkpoint = null)
    {
        if (checkpoint is not null && assets is not null) throw new ArgumentException("a checkpoint is of all assets", nameof(checkpoint));
        reading ??= new ReadingOptions();
        var profile = model.Profile;
        var cut = until?.UtcTicks ?? long.MaxValue;
        var chosen = fleet.Assets.Where(a => assets is null || assets.Contains(a.Asset)).Select(a => fleet.Before(a, cut, profile.Step)).ToList();
        var timelines = FleetCut.Timelines(fleet, until);
        var plan = ReadingPlan.Make(profile, chosen, timelines, NearHorizons, (double)reading.MostValues / Math.Max(1, fleet.Metrics.Count), seed);
        var draw = Draw(profile, model.Layout.Width, plan);

        var incidentStart = new int[chosen.Count];
        for (var a = 1; a < chosen.Count; a++) incidentStart[a] = incidentStart[a - 1] + timelines[chosen[a - 1].Asset].Incidents.Count;
        var made = new FinishedAsset[chosen.Count];
        var distributions = new MetricDistributions([.. profile.Metrics.Select(m => m.Name)]);
        var kept = checkpoint?.Restore(ReadingCheckpoint.KeyOf(model, fleet, until, seed, reading), chosen.Count, model.Layout.Width, distributions) ?? [];
        var counted = new RowProgress(progress, plan.Assets.Sum(a => a.ExpectedRows));
        InParallel.Run(chosen.Count, reading.Parallelism, a =>
        {
            if (kept.TryGetValue(a, out var before))
            {
                counted.Add(before.RowsRead);
                made[a] = before;
                return;
            }
            var own = new MetricDistributions(distributions.Metrics);
            var playback = new AssetPlayback(model, fleet, plan.Assets[a]);
            made[a] = Replay(playback, plan.Assets[a], draw, model, own, a, incidentStart[a], cut, seed, counted.Add, cancellation);
            checkpoint?.Add(a, made[a], own, model.Layout.Width);
            // In whatever order the assets are done: merging gives the same in any.
            lock (distributions) distributions.Merge(own);
        }, cancellation);
        progress?.Report(1);
        var incidentCount = chosen.Sum(a => timelines[a.Asset].Incidents.Count);
        return EvidenceRows.ToTable([.. made.Select(m => m.Rows)], model.Layout.Width, incidentCount) with
        {
            Distributions = distributions,
            Reading = new ReadingReport(counted.RowCount, chosen.Sum(a => a.RowCount), plan.NearShare, plan.FarShare, Digest(fleet, made)),
        };
    }

    private static FinishedAsset Replay(
        AssetPlayback playback, AssetReading reading, RowShares draw, EvidenceModel model, MetricDistributions distributions,
        int asset, int incidentStart, long cut, ulong seed, Action<long> progress, CancellationToken cancellation)
    {
        var rows = new EvidenceRows();
        var timeline = reading.Timeline;
        var salt = RowDraw.Salt(seed, reading.Extent.Asset);
        var healthySalt = HealthySteps.Salt(seed, reading.Extent.Asset);
        var evidence = new float[model.Layout.Width];
        var (next, toIncident, drawn, read) = (-1, 0L, 0.0, 0L);
        var (isNear, isChosen) = (false, false);
        playback.Play(ticks =>
        {
            next = timeline.NextIncident(ticks);
            toIncident = next >= 0 ? timeline.Incidents[next].Start - ticks : long.MaxValue;
            var near = draw.Near.ShareAt(toIncident);
            isNear = near is not null;
            isChosen = isNear ? reading.HasIncident(next) : reading.HasTile(ticks);
            if (!isChosen) return [];
            drawn = near ?? draw.Far;
            return (drawn >= 1 || RowDraw.Uniform(salt, ticks) < drawn) && !timeline.InIncident(ticks) ? evidence : [];
        }, ticks => rows.Add(evidence, asset, ticks, toIncident, timeline.NextMaintenance(ticks), next >= 0 ? incidentStart + next : -1,
            1 / (drawn * (isNear ? draw.IncidentShare : draw.TileShare))), ticks =>
        {
            if (isChosen && draw.Healthy.IsDrawn(healthySalt, ticks, toIncident, isNear) && !timeline.InIncident(ticks)) distributions.Add(playback.Values);
        }, count =>
        {
            read += count;
            progress(count);
        }, cancellation);
        var last = reading.ReadsEnd ? playback.LastTicks : reading.Extent.Last.UtcTicks;
        rows.Close(timeline.EndsInIncident(last, model.Profile.Step) ? long.MaxValue : Math.Min(last, cut));
        return new FinishedAsset(rows, read, playback.Sha256);
    }

    internal static RowShares Draw(Profiles.Profile profile, int width, ReadingPlan plan)
    {
        double budget = Math.Max(LeastRows, Math.Min(DefaultRowBudget, DefaultValueBudget / width));
        var near = new NearRows(profile, NearHorizons, RowsPerStretch);
        var (nearRows, farRows) = Expect(near, profile, plan);
        nearRows *= plan.NearShare;
        if (nearRows > budget * NearPart)
        {
            near = near.Times(budget * NearPart / nearRows);
            nearRows = budget * NearPart;
        }
        var room = Math.Clamp((1 + HealthyPerNear) * nearRows, LeastRows, budget) - nearRows;
        farRows *= plan.FarShare;
        return new RowShares(near, farRows <= room ? 1 : room / farRows, plan.NearShare, plan.FarShare, new HealthySteps(profile, plan));
    }

    private static (double Near, double Far) Expect(NearRows near, Profiles.Profile profile, ReadingPlan plan)
    {
        double nearRows = 0, farRows = 0;
        foreach (var asset in plan.Assets)
        {
            var (n, f) = near.Expect(asset, profile.Step);
            (nearRows, farRows) = (nearRows + n, farRows + f);
        }
        return (nearRows, farRows);
    }

    private static string Digest(TrainingFleet fleet, FinishedAsset[] made)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', fleet.Metrics)));
        foreach (var asset in made) hash.AppendData(asset.Sha256);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>In what shares rows are drawn from what is read.</summary>
internal sealed record RowShares(NearRows Near, double Far, double IncidentShare, double TileShare, HealthySteps Healthy);
