using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training;

/// <summary>Replays a fleet's history into the table that hazards are fitted to.</summary>
/// <remarks>
/// Neighbouring rows say nearly the same, so of the rows before an incident at most a fixed number is drawn from each stretch between two
/// horizons, and of the healthy rows further away a share, by a hash of seed, asset and time. A drawn row carries the inverse of its share as
/// weight. The table's size so follows the number of incidents rather than the length of the history or the step.
/// </remarks>
public static class EvidenceTableBuilder
{
    /// <summary>Rows within this many longest horizons before an incident count as near it.</summary>
    private const int NearHorizons = 3;

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
    public static EvidenceTable Build(
        EvidenceModel model, FleetRecord fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed,
        IProgress<double>? progress, CancellationToken cancellation)
    {
        var cut = until?.UtcTicks ?? long.MaxValue;
        var chosen = fleet.History.Assets.Where(a => assets is null || assets.Contains(a.Asset)).ToList();
        var timelines = Timeline.ByAsset(FleetCut.At(fleet, until));
        var width = model.Layout.Width;
        var budget = Math.Max(LeastRows, Math.Min(DefaultRowBudget, DefaultValueBudget / width));
        var near = NearRows.Within(model.Profile, NearHorizons, RowsPerStretch, budget * NearPart, chosen, timelines, cut);
        var share = HealthyShare(chosen, timelines, near, cut, budget);

        var rows = new Rows();
        var incidentCount = 0;
        var evidence = new float[width];
        var raw = new double[model.Profile.Metrics.Length];
        for (var a = 0; a < chosen.Count; a++)
        {
            cancellation.ThrowIfCancellationRequested();
            var asset = chosen[a];
            var timeline = timelines[asset.Asset];
            var replay = new AssetReplay(model, asset);
            var count = CountBefore(asset, cut);
            var lastTicks = count > 0 ? asset.Ticks[count - 1] : 0;
            var known = timeline.EndsInIncident(lastTicks, model.Profile.Step) ? long.MaxValue : Math.Min(lastTicks, cut);
            var watch = new FailureWatch(model.Profile);
            var salt = Mix(seed ^ StableHash(asset.Asset));
            for (var row = 0; row < count; row++)
            {
                var ticks = asset.Ticks[row];
                replay.CopyNext(raw);
                var condition = watch.Observe(ticks, raw, timeline.InMaintenance(ticks) ? AssetCondition.Maintenance : AssetCondition.Normal);
                var next = timeline.NextIncident(ticks);
                var toIncident = next >= 0 ? timeline.Incidents[next].Start - ticks : long.MaxValue;
                var drawn = near.ShareAt(toIncident) ?? share;
                var wanted = (drawn >= 1 || Uniform(salt, ticks) < drawn) && !timeline.InIncident(ticks);
                // Every row moves the state; only those that are kept are written out.
                if (!replay.Advance(condition, wanted ? evidence : [])) continue;
                if (!wanted || replay.Monitor.IsWarmingUp || replay.Monitor.IsStale) continue;
                // A planned stop ends the follow-up, for positives and negatives alike.
                var observed = Math.Min(known, timeline.NextMaintenance(ticks));
                rows.Add(evidence, a, ticks, Seconds(toIncident), observed == long.MaxValue ? double.PositiveInfinity : Seconds(observed - ticks),
                    next >= 0 ? incidentCount + next : -1, (float)(1 / drawn));
            }
            incidentCount += timeline.Incidents.Count;
            progress?.Report((a + 1.0) / chosen.Count);
        }
        return rows.ToTable(width, chosen.Count, incidentCount);
    }

    /// <summary>Rows of the asset before the time.</summary>
    public static int CountBefore(AssetRows asset, long cut)
    {
        var at = Array.BinarySearch(asset.Ticks, cut);
        return at >= 0 ? at : ~at;
    }

    private static double HealthyShare(
        List<AssetRows> assets, IReadOnlyDictionary<string, Timeline> timelines, NearRows near, long cut, long budget)
    {
        var (nearRows, farRows) = near.Count(assets, timelines, cut);
        var room = Math.Clamp((1 + HealthyPerNear) * nearRows, LeastRows, budget) - nearRows;
        return farRows <= room ? 1 : room / farRows;
    }

    private static double Seconds(long ticks) => ticks == long.MaxValue ? double.PositiveInfinity : ticks / (double)TimeSpan.TicksPerSecond;

    private static double Uniform(ulong salt, long ticks) => (Mix(salt + (ulong)ticks) >> 11) * (1.0 / (1UL << 53));

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>FNV-1a over the characters: the same on every machine and run.</summary>
    private static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }

    private sealed class Rows
    {
        private readonly List<float[]> _evidence = [];
        private readonly List<int> _asset = [];
        private readonly List<long> _ticks = [];
        private readonly List<double> _toIncident = [];
        private readonly List<double> _observed = [];
        private readonly List<int> _incident = [];
        private readonly List<float> _weight = [];

        public void Add(float[] evidence, int asset, long ticks, double toIncident, double observed, int incident, float weight)
        {
            _evidence.Add([.. evidence]);
            _asset.Add(asset);
            _ticks.Add(ticks);
            _toIncident.Add(toIncident);
            _observed.Add(observed);
            _incident.Add(incident);
            _weight.Add(weight);
        }

        public EvidenceTable ToTable(int width, int assetCount, int incidentCount)
        {
            var values = new float[(long)width * _evidence.Count];
            for (var i = 0; i < _evidence.Count; i++) _evidence[i].CopyTo(values, (long)i * width);
            return new EvidenceTable
            {
                Width = width, Values = values, Asset = [.. _asset], AssetCount = assetCount, Ticks = [.. _ticks],
                SecondsToIncident = [.. _toIncident], SecondsObserved = [.. _observed],
                Incident = [.. _incident], IncidentCount = incidentCount, Weight = [.. _weight],
            };
        }
    }
}
