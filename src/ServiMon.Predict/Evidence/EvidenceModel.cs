using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Evidence;

/// <summary>A metric with a limit, as a lane of used / limit.</summary>
/// <param name="LimitMetric">The metric that holds the limit, or -1 when <paramref name="Constant"/> does.</param>
/// <param name="LimitScale">Scale of <paramref name="LimitMetric"/>.</param>
internal readonly record struct LimitLane(int Metric, int LimitMetric, double LimitScale, double Constant, bool Remaining);

/// <summary>A group of which metrics are tracked.</summary>
/// <param name="Lane">The lane of its anomaly level.</param>
/// <param name="Metrics">The lanes of its metrics.</param>
internal readonly record struct TrackedGroup(int Lane, int[] Metrics);

/// <summary>How the raw value of a lane's metric is read.</summary>
internal readonly record struct MetricLane(int Metric, MetricKind Kind, double Scale);

/// <summary>
/// How a profile's metrics become evidence: which lane holds what, the rates of the averages, the layout of the evidence vector.
/// Immutable; one for all assets of a profile.
/// </summary>
/// <remarks>
/// Lanes stand in this order: tracked metrics, other metrics, then lanes derived from raw values (used / limit, latencies of probes, saturation,
/// requests; failed probes, pauses, errors, missing metrics), then lanes derived from the other lanes (anomaly level of each group and over
/// all). What a profile has nothing of has no lane: its number is -1.
/// </remarks>
public sealed class EvidenceModel
{
    /// <summary>The baseline is made of this many slow half-lives of values; then it follows at a twentieth of that pace.</summary>
    internal const int BaselineHalfLives = 2;

    internal const int BaselineSlowdown = 20;

    private string? _digest;
    private CompositeEvidence? _composite;

    /// <param name="regimes">Fitted regimes to standardise by, or null.</param>
    /// <param name="ageFromFirstRow">True when an asset's first row is the beginning of its life, so that the steps since are its age.</param>
    public EvidenceModel(Profile profile, RegimeModel? regimes = null, bool ageFromFirstRow = false)
    {
        if (profile.Metrics.IsEmpty) throw new ArgumentException("the profile has no metrics: complete it from the data's columns first", nameof(profile));
        Profile = profile;
        Regimes = regimes;
        AgeFromFirstRow = ageFromFirstRow;
        var metrics = profile.Metrics;
        var denominators = metrics.Select(m => m.Limit?.Metric).OfType<string>().ToHashSet();
        bool Tracked(MetricSpec m) => m.Kind != MetricKind.Static && !denominators.Contains(m.Name)
            && m.Role is not (MetricRole.StartTime or MetricRole.Age) && !profile.Drivers.Contains(m.Name);
        bool LevelOnly(MetricSpec m) => !Tracked(m) && !denominators.Contains(m.Name) && m.Role != MetricRole.StartTime;

        LaneMetrics = [.. Enumerable.Range(0, metrics.Length).OrderBy(i => Tracked(metrics[i]) ? 0 : 1)];
        MetricLanes = [.. LaneMetrics.Select(i => new MetricLane(i, metrics[i].Kind, metrics[i].Scale))];
        TrackedCount = metrics.Count(Tracked);
        LevelOnlyLanes = [.. Enumerable.Range(TrackedCount, metrics.Length - TrackedCount).Where(l => LevelOnly(metrics[LaneMetrics[l]]))];
        var lanesOfGroup = Enumerable.Range(0, TrackedCount).ToLookup(l => Math.Max(0, profile.Groups.IndexOf(metrics[LaneMetrics[l]].Group)));
        LanesByGroup = [.. Enumerable.Range(0, profile.Groups.Length).Select(g => lanesOfGroup[g].ToArray())];

        Limits = [.. Enumerable.Range(0, metrics.Length)
            .Where(i => metrics[i].Limit is not null && metrics[i].Role is not (MetricRole.ProbeLatency or MetricRole.Saturation))
            .Select(i => LimitOf(i, metrics[i].Limit!))];
        ProbeUps = WithRole(MetricRole.ProbeUp);
        ProbeLatencies = WithRole(MetricRole.ProbeLatency);
        Errors = WithRole(MetricRole.Error);
        Requests = WithRole(MetricRole.Request);
        Saturations = WithRole(MetricRole.Saturation);
        Pauses = WithRole(MetricRole.Pause);
        ScrapeUps = WithRole(MetricRole.ScrapeUp);

        LimitStart = metrics.Length;
        ProbeLatencyStart = LimitStart + Limits.Length;
        SaturationStart = ProbeLatencyStart + ProbeLatencies.Length;
        var next = SaturationStart + Saturations.Length;
        RequestLane = Requests.IsEmpty ? -1 : next++;
        ProbeUpStart = next;
        ProbeShareStart = ProbeUpStart + ProbeUps.Length;
        next = ProbeShareStart + ProbeLatencies.Length;
        PauseLane = Pauses.IsEmpty ? -1 : next++;
        ErrorLane = Errors.IsEmpty ? -1 : next++;
        MissingLane = next++;
        var firstGroup = next;
        GroupLanes = [.. LanesByGroup.Select(lanes => lanes.Length == 0 ? -1 : next++)];
        TrackedGroups = [.. GroupLanes.Zip(LanesByGroup, (lane, lanes) => new TrackedGroup(lane, lanes)).Where(g => g.Lane >= 0)];
        var groupCount = next - firstGroup;
        HasRoles = ProbeUps.Length + ProbeLatencies.Length + Saturations.Length > 0 || PauseLane >= 0 || RequestLane >= 0 || ErrorLane >= 0;
        HasOverallLane = groupCount > 1;
        OverallLane = HasOverallLane ? next : next - groupCount;
        Lanes = new LaneLayout(TrackedCount, metrics.Length, ProbeUpStart - LimitStart, firstGroup - ProbeUpStart, groupCount + (HasOverallLane ? 1 : 0));
        CounterOf = new int[metrics.Length];
        Array.Fill(CounterOf, -1);
        foreach (var i in Enumerable.Range(0, metrics.Length).Where(i => metrics[i].Kind == MetricKind.Counter)) CounterOf[i] = CounterCount++;

        var slowSteps = profile.Steps(profile.HalfLives[2]);
        Rates = new LaneRates(Rate(0), Rate(1), Rate(2), BaselineHalfLives * slowSteps,
            (float)(1 - Math.Pow(2, -1.0 / (BaselineSlowdown * BaselineHalfLives * slowSteps))));
        ShortHorizon = (float)(profile.Horizons[0].Span / profile.Step);
        LongHorizon = (float)(profile.Horizons[Math.Min(1, profile.Horizons.Length - 1)].Span / profile.Step);
        LastHorizon = (float)(profile.LongestHorizon / profile.Step);
        StaleSteps = profile.StaleAfter.Ticks / profile.Step.Ticks;
        SlopeKeep = Vector256.Create(1.0 - Rates.Fast, 1.0 - Rates.Middle, 1.0 - Rates.Slow, 0);
        GapCap = 4 * slowSteps;
        EventMask = [.. LaneMetrics.Take(TrackedCount).Select(m => metrics[m].Kind == MetricKind.Event ? 1f : 0)];
        Floors = LaneInput.FloorsOf(this);
        Layout = new EvidenceLayout([.. UniversalEvidence.Columns(this), .. LaneEvidence.Columns(this)]);
        AnomalyColumn = Layout.Columns.Select(c => c.Name).ToList().IndexOf(UniversalEvidence.AnomalyColumn);

        ImmutableArray<int> WithRole(MetricRole role) =>
            [.. Enumerable.Range(0, metrics.Length).Where(i => metrics[i].Role == role)];
        LimitLane LimitOf(int metric, MetricLimit limit)
        {
            var holder = limit.Metric is { } name ? profile.MetricIndex(name) : -1;
            return new LimitLane(metric, holder, holder >= 0 ? metrics[holder].Scale : 1, limit.Constant ?? double.NaN, limit.Remaining);
        }

        float Rate(int index) => (float)(1 - Math.Pow(2, -(profile.Step / profile.HalfLives[index])));
    }

    public Profile Profile { get; }

    /// <summary>
    /// SHA-256, in lower-case hexadecimal, of everything that evidence depends on (profile, regimes, age): monitors of models with the same
    /// digest have the same state for the same frames.
    /// </summary>
    public string Digest => _digest ??= ComputeDigest();

    public EvidenceLayout Layout { get; }

    /// <summary>How composites of assets with this evidence have theirs.</summary>
    public CompositeEvidence Composite => _composite ??= new CompositeEvidence(this);

    /// <summary>True when evidence has the asset's age in steps since its first row.</summary>
    public bool AgeFromFirstRow { get; }

    /// <summary>The operating regimes that metrics are standardised by, or null.</summary>
    public RegimeModel? Regimes { get; }

    /// <summary>Index in <see cref="Layout"/> of the column by which unusual evidence is ranked where no failure has been learned from.</summary>
    public int AnomalyColumn { get; }

    /// <summary>A metric's value (a rate, for counters) in lane units: log(1 + |x|) with the sign of x.</summary>
    public static double Transform(double value) => LaneInput.SignedLog(value);

    /// <summary>The metric of each lane.</summary>
    internal ImmutableArray<int> LaneMetrics { get; }

    internal ImmutableArray<MetricLane> MetricLanes { get; }

    internal int TrackedCount { get; }

    internal ImmutableArray<int> LevelOnlyLanes { get; }

    /// <summary>For each group the tracked lanes that belong to it.</summary>
    internal ImmutableArray<int[]> LanesByGroup { get; }

    internal ImmutableArray<LimitLane> Limits { get; }

    internal ImmutableArray<int> ProbeUps { get; }

    internal ImmutableArray<int> ProbeLatencies { get; }

    internal ImmutableArray<int> Errors { get; }

    internal ImmutableArray<int> Requests { get; }

    internal ImmutableArray<int> Saturations { get; }

    internal ImmutableArray<int> Pauses { get; }

    internal ImmutableArray<int> ScrapeUps { get; }

    /// <summary>True when there is a lane of probes, saturation, pauses, requests or errors.</summary>
    internal bool HasRoles { get; }

    // Ratios.
    internal int LimitStart { get; }

    internal int ProbeLatencyStart { get; }

    internal int SaturationStart { get; }

    internal int RequestLane { get; }

    // Shares.
    internal int ProbeUpStart { get; }

    internal int ProbeShareStart { get; }

    internal int PauseLane { get; }

    internal int ErrorLane { get; }

    internal int MissingLane { get; }

    /// <summary>For each group the lane of its anomaly level, -1 where none of its metrics is tracked.</summary>
    internal ImmutableArray<int> GroupLanes { get; }

    /// <summary>The groups that have such a lane.</summary>
    internal ImmutableArray<TrackedGroup> TrackedGroups { get; }

    /// <summary>The lane of the anomaly level over all groups; that of the group where there is one only; of no lane where there is none.</summary>
    internal int OverallLane { get; }

    internal bool HasOverallLane { get; }

    internal LaneLayout Lanes { get; }

    /// <summary>For each metric its number among the counters, or -1.</summary>
    internal int[] CounterOf { get; }

    internal int CounterCount { get; }

    internal LaneRates Rates { get; }

    /// <summary>1 for tracked metrics that count events, else 0.</summary>
    internal float[] EventMask { get; }

    /// <summary>The least spread of each lane that is no metric.</summary>
    internal float[] Floors { get; }

    /// <summary>What each step leaves of the sums of the slopes: fast, middle, slow, and a 0 that fills the vector.</summary>
    internal Vector256<double> SlopeKeep { get; }

    /// <summary>Steps of the first horizon, of the second (or the first again) and of the last.</summary>
    internal float ShortHorizon { get; }

    internal float LongHorizon { get; }

    internal float LastHorizon { get; }

    /// <summary>Steps without a sample, more than which begin a new life.</summary>
    internal long StaleSteps { get; }

    /// <summary>Missing steps that are played through as missing; the rest of a longer gap changes nothing more.</summary>
    internal long GapCap { get; }

    /// <summary>Bytes of state that one asset takes.</summary>
    public int StateBytes => LaneState.BytesOf(this);

    private string ComputeDigest()
    {
        var writer = new StateWriter();
        writer.Text(Profile.Digest());
        writer.Byte(AgeFromFirstRow ? (byte)1 : (byte)0);
        writer.Int((int)LaneRow.End);
        writer.Int(Lanes.FloatCount);
        writer.Int(SlopeTracker.StateSize);
        if (Regimes is not null)
        {
            foreach (var driver in Regimes.Drivers) writer.Int(driver);
            writer.Doubles(Regimes.DriverScale);
            writer.Doubles(Regimes.Centres);
            writer.Doubles(Regimes.Means);
            writer.Doubles(Regimes.Spreads);
        }
        return Convert.ToHexStringLower(SHA256.HashData(writer.Written.Span));
    }
}
