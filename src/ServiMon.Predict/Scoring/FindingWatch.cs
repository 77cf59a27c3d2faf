using ServiMon.Predict.Detection;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// All detectors over one asset, step by step: each metric by itself, the samples of each, and whether the metrics go together. What lasts is told once, when it
/// becomes known.
/// </summary>
/// <remarks>Metrics that never move by themselves (static ones, ages, times of start) are left out. Not safe for use by several threads at once.</remarks>
public sealed class FindingWatch
{
    /// <summary>A gap is told once it is so many times as long as any before: as for values that are stuck.</summary>
    private const double GapFactor = 4;

    /// <summary>Changes after which a metric is known to move.</summary>
    private const int LeastChanges = 16;

    private readonly int[] _metrics;
    private readonly AssetDetector _detector;
    private readonly SubspaceDetector? _together;
    private readonly double _mostMissing;
    private readonly double[] _taken;
    private readonly double[] _last;
    private readonly DetectionRow[] _rows;
    private readonly double[] _shares;
    private readonly Told[] _told;
    private bool _isApart;

    /// <param name="options">Their spacing of steps is not heard: it is the profile's.</param>
    public FindingWatch(Profile profile, DetectorOptions? options = null)
    {
        options ??= new DetectorOptions();
        _metrics = [.. Enumerable.Range(0, profile.Metrics.Length).Where(m => profile.Metrics[m] is { Kind: not MetricKind.Static, Role: not (MetricRole.StartTime or MetricRole.Age) })];
        _detector = new AssetDetector(Math.Max(1, _metrics.Length), options with { Step = profile.Step });
        _together = _metrics.Length >= 2 ? new SubspaceDetector(_metrics.Length) : null;
        _mostMissing = profile.StaleAfter / profile.Step;
        _taken = new double[Math.Max(1, _metrics.Length)];
        _last = [.. _taken.Select(_ => double.NaN)];
        _rows = new DetectionRow[_taken.Length];
        _shares = new double[_metrics.Length];
        _told = [.. _taken.Select(_ => new Told())];
    }

    /// <summary>Indices of the metrics that are looked at.</summary>
    public IReadOnlyList<int> Metrics => _metrics;

    /// <summary>Judges a step by those before it, then learns from it.</summary>
    /// <param name="ticks">UTC, 100 ns; later than the step before.</param>
    /// <param name="values">One for each metric of the profile, after rate and scale; NaN for missing.</param>
    /// <param name="found">What was found is added to it, by metric.</param>
    public void Observe(long ticks, ReadOnlySpan<double> values, ICollection<Finding> found)
    {
        if (_metrics.Length == 0) return;
        for (var k = 0; k < _metrics.Length; k++) _taken[k] = values[_metrics[k]];
        _detector.Observe(ticks, _taken, _rows);
        for (var k = 0; k < _metrics.Length; k++) Judge(k, ticks, found);
        if (_together is not null) JudgeTogether(ticks, found);
    }

    private void Judge(int k, long ticks, ICollection<Finding> found)
    {
        var (value, row, told, health) = (_taken[k], _rows[k], _told[k], _detector.Health(k));
        if (Turns(ref told.IsFarOut, row.Verdict == Verdict.Spike)) Add(FindingKind.Spike, row.LocationTicks, row.Score, row.PValue);
        if (row.Verdict == Verdict.Changepoint) Add(FindingKind.Changepoint, row.LocationTicks, row.Score, row.PValue);
        if (double.IsFinite(value))
        {
            told.Take(value == _last[k], ticks);
            _last[k] = value;
            told.LongestGap = Math.Max(told.LongestGap, told.Gap);
            (told.Gap, told.IsMissing) = (0, false);
        }
        else if (double.IsFinite(_last[k]))
        {
            if (++told.Gap == 1) told.GapSince = ticks;
        }
        if (Turns(ref told.IsStuck, health.IsStuck && told.ChanceOfRun <= _detector.SpikeBar)) Add(FindingKind.Stuck, told.SameSince, told.Run + 1, double.NaN);
        if (Turns(ref told.IsDrifting, health.IsDrifting)) Add(FindingKind.Drift, null, Math.Max(health.DriftUp, health.DriftDown), double.NaN);
        if (Turns(ref told.IsMissing, told.Gap > _mostMissing && told.Gap > GapFactor * told.LongestGap)) Add(FindingKind.Missing, told.GapSince, told.Gap, double.NaN);

        void Add(FindingKind kind, long? location, double score, double p) =>
            found.Add(new Finding(kind, _metrics[k], ticks, location == ticks ? null : location, value, score, p, double.NaN));
    }

    private void JudgeTogether(long ticks, ICollection<Finding> found)
    {
        var row = _together!.Observe(_taken, _shares);
        if (!Turns(ref _isApart, row.PValue <= _detector.SpikeBar)) return;
        var most = 0;
        for (var k = 1; k < _shares.Length; k++)
            if (_shares[k] > _shares[most]) most = k;
        found.Add(new Finding(FindingKind.Apart, _metrics[most], ticks, null, _taken[most], row.Score, row.PValue, _shares[most]));
    }

    /// <summary>True at the step at which something becomes so.</summary>
    private static bool Turns(ref bool was, bool isNow)
    {
        var turns = isNow && !was;
        was = isNow;
        return turns;
    }

    /// <summary>What is known, and was told, of one metric's samples.</summary>
    private sealed class Told
    {
        public bool IsFarOut;
        public bool IsStuck;
        public bool IsDrifting;
        public bool IsMissing;

        private long _changes;
        private long _same;

        public long SameSince { get; private set; }

        /// <summary>Values in a row, up to the last one, that equal their predecessor.</summary>
        public long Run { get; private set; }

        /// <summary>How likely a run of this length is at any step, were values repeated by chance as often as before it; 1 for a metric that hardly ever moved.</summary>
        public double ChanceOfRun => _changes < LeastChanges ? 1 : Math.Pow((_same - Run + 1.0) / (_same - Run + _changes + 2), Run);

        public void Take(bool isSame, long ticks)
        {
            if (isSame) (_same, Run) = (_same + 1, Run + 1);
            else (_changes, Run, SameSince) = (_changes + 1, 0, ticks);
        }

        public long GapSince { get; set; }

        public double Gap { get; set; }

        public double LongestGap { get; set; }
    }
}
