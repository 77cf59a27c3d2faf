using System.Collections.Immutable;
using System.Security.Cryptography;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Evidence;

/// <summary>A metric with a limit, as a lane of used / limit.</summary>
internal readonly record struct LimitLane(int Metric, int LimitMetric, double Constant, bool Remaining, double Scale);

/// <summary>
/// How a profile's metrics become evidence: which lane holds what, the rates of the averages, the layout of the evidence vector.
/// Immutable; one for all assets of a profile.
/// </summary>
/// <remarks>
/// Lanes stand in this order: tracked metrics, other metrics, then lanes derived from raw values (used / limit, probes, errors, requests,
/// saturation, missing metrics), padding, then lanes derived from the other lanes (anomaly level of each group and over all).
/// </remarks>
public sealed class EvidenceModel
{
    /// <summary>The baseline is made of this many slow half-lives of values; then it follows at a twentieth of that pace.</summary>
    internal const int BaselineHalfLives = 2;

    internal const int BaselineSlowdown = 20;

    private string? _digest;

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
        TrackedCount = metrics.Count(Tracked);
        LevelOnlyLanes = [.. Enumerable.Range(TrackedCount, metrics.Length - TrackedCount).Where(l => LevelOnly(metrics[LaneMetrics[l]]))];
        GroupOfLane = [.. LaneMetrics.Select(i => Math.Max(0, profile.Groups.IndexOf(metrics[i].Group)))];

        Limits = [.. Enumerable.Range(0, metrics.Length)
            .Where(i => metrics[i].Limit is not null && metrics[i].Role is not (MetricRole.ProbeLatency or MetricRole.Saturation))
            .Select(i => new LimitLane(i, metrics[i].Limit!.Metric is { } name ? profile.MetricIndex(name) : -1,
                metrics[i].Limit!.Constant ?? double.NaN, metrics[i].Limit!.Remaining, metrics[i].Scale))];
        ProbeUps = WithRole(MetricRole.ProbeUp);
        ProbeLatencies = WithRole(MetricRole.ProbeLatency);
        Errors = WithRole(MetricRole.Error);
        Requests = WithRole(MetricRole.Request);
        Saturations = WithRole(MetricRole.Saturation);
        Pauses = WithRole(MetricRole.Pause);
        ScrapeUps = WithRole(MetricRole.ScrapeUp);

        LimitStart = metrics.Length;
        ProbeUpStart = LimitStart + Limits.Length;
        ProbeLatencyStart = ProbeUpStart + ProbeUps.Length;
        ProbeShareStart = ProbeLatencyStart + ProbeLatencies.Length;
        SaturationStart = ProbeShareStart + ProbeLatencies.Length;
        PauseLane = SaturationStart + Saturations.Length;
        ErrorLane = PauseLane + 1;
        RequestLane = ErrorLane + 1;
        MissingLane = RequestLane + 1;
        FirstBlockEnd = (MissingLane + 1 + LaneState.Padding - 1) / LaneState.Padding * LaneState.Padding;
        GroupStart = FirstBlockEnd;
        OverallLane = GroupStart + profile.Groups.Length;
        LaneCount = OverallLane + 1;

        var slowSteps = profile.Steps(profile.HalfLives[2]);
        Rates = new LaneRates(Rate(0), Rate(1), Rate(2), BaselineHalfLives * slowSteps,
            (float)(1 - Math.Pow(2, -1.0 / (BaselineSlowdown * BaselineHalfLives * slowSteps))));
        ShortHorizon = (float)(profile.Horizons[0].Span / profile.Step);
        LongHorizon = (float)(profile.Horizons[Math.Min(1, profile.Horizons.Length - 1)].Span / profile.Step);
        LastHorizon = (float)(profile.LongestHorizon / profile.Step);
        GapCap = 4 * slowSteps;
        EventMask = new float[(LaneCount + LaneState.Padding - 1) / LaneState.Padding * LaneState.Padding];
        for (var lane = 0; lane < metrics.Length; lane++)
            EventMask[lane] = metrics[LaneMetrics[lane]].Kind == MetricKind.Event ? 1 : 0;
        Layout = new EvidenceLayout([.. UniversalEvidence.Columns(this), .. LaneEvidence.Columns(this)]);
        AnomalyColumn = Layout.Columns.Select(c => c.Name).ToList().IndexOf(UniversalEvidence.AnomalyColumn);

        ImmutableArray<int> WithRole(MetricRole role) =>
            [.. Enumerable.Range(0, metrics.Length).Where(i => metrics[i].Role == role)];
        float Rate(int index) => (float)(1 - Math.Pow(2, -(profile.Step / profile.HalfLives[index])));
    }

    public Profile Profile { get; }

    /// <summary>
    /// SHA-256, in lower-case hexadecimal, of everything that evidence depends on (profile, regimes, age): monitors of models with the same
    /// digest have the same state for the same frames.
    /// </summary>
    public string Digest => _digest ??= ComputeDigest();

    public EvidenceLayout Layout { get; }

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

    internal int TrackedCount { get; }

    internal ImmutableArray<int> LevelOnlyLanes { get; }

    internal ImmutableArray<int> GroupOfLane { get; }

    internal ImmutableArray<LimitLane> Limits { get; }

    internal ImmutableArray<int> ProbeUps { get; }

    internal ImmutableArray<int> ProbeLatencies { get; }

    internal ImmutableArray<int> Errors { get; }

    internal ImmutableArray<int> Requests { get; }

    internal ImmutableArray<int> Saturations { get; }

    internal ImmutableArray<int> Pauses { get; }

    internal ImmutableArray<int> ScrapeUps { get; }

    internal int LimitStart { get; }

    internal int ProbeUpStart { get; }

    internal int ProbeLatencyStart { get; }

    internal int ProbeShareStart { get; }

    internal int SaturationStart { get; }

    internal int PauseLane { get; }

    internal int ErrorLane { get; }

    internal int RequestLane { get; }

    internal int MissingLane { get; }

    internal int FirstBlockEnd { get; }

    internal int GroupStart { get; }

    internal int OverallLane { get; }

    internal int LaneCount { get; }

    internal LaneRates Rates { get; }

    internal float[] EventMask { get; }

    /// <summary>Steps of the first horizon, of the second (or the first again) and of the last.</summary>
    internal float ShortHorizon { get; }

    internal float LongHorizon { get; }

    internal float LastHorizon { get; }

    /// <summary>Missing steps that are played through as missing; the rest of a longer gap changes nothing more.</summary>
    internal long GapCap { get; }

    /// <summary>Bytes of state that one asset takes.</summary>
    public int StateBytes
    {
        get
        {
            var stride = (LaneCount + LaneState.Padding - 1) / LaneState.Padding * LaneState.Padding;
            return stride * LaneState.RowCount * sizeof(float) + Profile.Metrics.Length * (2 * sizeof(double) + sizeof(long))
                + Limits.Length * SlopeTracker.StateSize * sizeof(double);
        }
    }

    private string ComputeDigest()
    {
        var writer = new StateWriter();
        writer.Text(Profile.Digest());
        writer.Byte(AgeFromFirstRow ? (byte)1 : (byte)0);
        writer.Int(LaneState.RowCount);
        writer.Int(LaneCount);
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
