using System.Runtime.InteropServices;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What closed steps leave for the store: predictions for the log, rows for history. Taken as a whole with the state that they belong to.</summary>
/// <remarks>Kept in a few long lists, since objects for each step that live until the next save cost the garbage collector more than scoring does.</remarks>
internal sealed class StepOutbox
{
    private readonly Queue<StepBuffer> _spare = [];
    private Dictionary<string, StepBuffer> _profiles = [];

    /// <summary>Steps that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Values of metrics that wait with them.</summary>
    public long ValueCount { get; private set; }

    /// <param name="shown">What was said of the step.</param>
    /// <param name="detail">The reasons, for the log; null when nothing is logged.</param>
    public void Add(LiveProfile profile, LiveSlot slot, AssetPrediction shown, string? detail)
    {
        BufferOf(profile).Add(profile, slot.Key.Asset, slot.Live, shown, detail);
        Count++;
        ValueCount += slot.Live.Values.Length;
    }

    /// <summary>What was said of a composite, which has no row of its own.</summary>
    public void Add(LiveProfile profile, AssetPrediction shown, string? detail)
    {
        BufferOf(profile).Add(profile, shown, detail);
        Count++;
    }

    /// <summary>Everything that waits; the outbox is empty afterwards.</summary>
    public IReadOnlyList<StoredSteps> Take()
    {
        var taken = _profiles.Select(p => new StoredSteps(p.Key, p.Value)).ToList();
        _profiles = [];
        (Count, ValueCount) = (0, 0);
        return taken;
    }

    private StepBuffer BufferOf(LiveProfile profile)
    {
        if (_profiles.TryGetValue(profile.Name, out var steps)) return steps;
        lock (_spare) steps = _spare.Count > 0 ? _spare.Dequeue() : new StepBuffer();
        _profiles.Add(profile.Name, steps);
        return steps;
    }

    /// <summary>Gives back what was taken, once it is stored: the same memory serves again. From any thread.</summary>
    public void Return(IEnumerable<StoredSteps> stored)
    {
        foreach (var steps in stored)
        {
            steps.Buffer.Clear();
            lock (_spare) _spare.Enqueue(steps.Buffer);
        }
    }
}

/// <summary>The predictions and rows of one profile that are to be stored.</summary>
internal sealed record StoredSteps(string Profile, StepBuffer Buffer);

/// <summary>Closed steps of one profile in the order in which they closed.</summary>
internal sealed class StepBuffer
{
    /// <summary>Where a step has no values.</summary>
    private const int NoRow = -1;

    private readonly List<Step> _steps = [];
    private readonly List<double> _values = [];
    private readonly List<HorizonProbability> _probabilities = [];

    private readonly record struct Step(
        LiveProfile Profile, string Asset, string ModelId, string? Detail, long Ticks, long Given, ulong Digest, int ValuesAt, int ProbabilitiesAt, int ProbabilityCount,
        PredictionState State, PredictionBasis Basis);

    public int Count => _steps.Count;

    public int ValueCount => _values.Count;

    public void Add(LiveProfile profile, string asset, Predict.Scoring.LiveAsset live, AssetPrediction shown, string? detail)
    {
        _steps.Add(new Step(profile, asset, shown.ModelId, detail, live.Ticks, shown.Given.UtcTicks, shown.EvidenceDigest, _values.Count,
            _probabilities.Count, shown.Probabilities.Length, shown.State, shown.Basis));
        _values.AddRange(live.Values);
        _probabilities.AddRange(shown.Probabilities.AsSpan());
    }

    public void Add(LiveProfile profile, AssetPrediction shown, string? detail)
    {
        _steps.Add(new Step(profile, shown.Key.Asset, shown.ModelId, detail, shown.Time.UtcTicks, shown.Given.UtcTicks, shown.EvidenceDigest, NoRow,
            _probabilities.Count, shown.Probabilities.Length, shown.State, shown.Basis));
        _probabilities.AddRange(shown.Probabilities.AsSpan());
    }

    public void Clear()
    {
        _steps.Clear();
        _values.Clear();
        _probabilities.Clear();
    }

    /// <summary>What was said, one at a time, of steps that are logged.</summary>
    public IReadOnlyList<LoggedPrediction> Predictions()
    {
        var said = new List<LoggedPrediction>(_steps.Count);
        foreach (var step in CollectionsMarshal.AsSpan(_steps))
        {
            if (step.Detail is null) continue;
            said.Add(new LoggedPrediction(
                step.Asset, new DateTimeOffset(step.Ticks, TimeSpan.Zero), step.ModelId, step.State, step.Basis, step.Digest,
                _probabilities.GetRange(step.ProbabilitiesAt, step.ProbabilityCount), step.Detail, new DateTimeOffset(step.Given, TimeSpan.Zero)));
        }
        return said;
    }

    /// <summary>The rows of history, by asset; those of one asset whose evidence was made otherwise meanwhile apart.</summary>
    public IReadOnlyList<AssetRows> Rows()
    {
        var names = new Dictionary<LiveProfile, string[]>(ReferenceEqualityComparer.Instance);
        var rows = new List<AssetRows>();
        foreach (var group in Enumerable.Range(0, _steps.Count).Where(i => _steps[i].ValuesAt != NoRow).GroupBy(i => _steps[i].Asset))
        {
            var ticks = new List<long>();
            var values = new List<double>();
            LiveProfile? profile = null;
            foreach (var i in group)
            {
                var step = _steps[i];
                if (profile is not null && !ReferenceEquals(profile.Profile, step.Profile.Profile)) Flush();
                profile = step.Profile;
                // Two steps never share a time; a step without one has nothing to keep.
                if (ticks.Count > 0 && step.Ticks <= ticks[^1]) continue;
                ticks.Add(step.Ticks);
                values.AddRange(CollectionsMarshal.AsSpan(_values).Slice(step.ValuesAt, step.Profile.Profile.Metrics.Length));
            }
            Flush();

            void Flush()
            {
                if (!names.TryGetValue(profile!, out var metrics)) names.Add(profile!, metrics = [.. profile!.Profile.Metrics.Select(m => m.Name)]);
                rows.Add(new AssetRows(group.Key, metrics, [.. ticks], [.. values]));
                ticks.Clear();
                values.Clear();
            }
        }
        return rows;
    }
}
