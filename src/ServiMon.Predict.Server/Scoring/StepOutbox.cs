using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What closed steps leave for the store: predictions for the log, rows for history. Taken as a whole with the state that they belong to.</summary>
internal sealed class StepOutbox
{
    private Dictionary<string, ProfileSteps> _profiles = [];

    /// <summary>Predictions that wait.</summary>
    public int Count { get; private set; }

    public void Add(LiveProfile profile, LiveSlot slot, LoggedPrediction? prediction)
    {
        if (!_profiles.TryGetValue(profile.Name, out var steps)) _profiles.Add(profile.Name, steps = new ProfileSteps());
        if (prediction is not null) steps.Predictions.Add(prediction);
        var live = slot.Live;
        if (slot.Rows is not { } rows) steps.Rows.Add(slot.Rows = rows = new RowBuffer(slot, steps.MetricsOf(profile.Profile)));
        // Two steps never share a time; a step without one has nothing to keep.
        if (rows.Ticks.Count == 0 || live.Ticks > rows.Ticks[^1])
        {
            rows.Ticks.Add(live.Ticks);
            rows.Values.AddRange(live.Values);
        }
        Count++;
    }

    /// <summary>Everything that waits; the outbox is empty afterwards.</summary>
    public IReadOnlyList<StoredSteps> Take()
    {
        var taken = _profiles.Select(p => new StoredSteps(p.Key, p.Value.Predictions,
            [.. p.Value.Rows.Select(r => r.Take())])).ToList();
        _profiles = [];
        Count = 0;
        return taken;
    }

    private sealed class ProfileSteps
    {
        public List<LoggedPrediction> Predictions { get; } = [];

        private Profiles.Profile? _profile;
        private string[] _metrics = [];

        public List<RowBuffer> Rows { get; } = [];

        /// <summary>Names of the columns: one list for all assets.</summary>
        public string[] MetricsOf(Profiles.Profile profile)
        {
            if (!ReferenceEquals(profile, _profile)) (_profile, _metrics) = (profile, [.. profile.Metrics.Select(m => m.Name)]);
            return _metrics;
        }
    }
}

/// <summary>Rows of one asset that wait for the store.</summary>
internal sealed class RowBuffer(LiveSlot slot, IReadOnlyList<string> metrics)
{
    public List<long> Ticks { get; } = [];

    public List<double> Values { get; } = [];

    /// <summary>All rows; the asset begins another buffer with its next.</summary>
    public AssetRows Take()
    {
        slot.Rows = null;
        return new AssetRows(slot.Key.Asset, metrics, [.. Ticks], [.. Values]);
    }
}

/// <summary>The predictions and rows of one profile that are to be stored.</summary>
internal sealed record StoredSteps(string Profile, IReadOnlyList<LoggedPrediction> Predictions, IReadOnlyList<AssetRows> Rows);
