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
        if (!steps.Rows.TryGetValue((slot.Key.Asset, profile.Profile), out var rows)) steps.Rows.Add((slot.Key.Asset, profile.Profile), rows = new RowBuffer());
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
            [.. p.Value.Rows.Select(r => new AssetRows(r.Key.Asset, [.. r.Key.Profile.Metrics.Select(m => m.Name)], [.. r.Value.Ticks], [.. r.Value.Values]))])).ToList();
        _profiles = [];
        Count = 0;
        return taken;
    }

    private sealed class ProfileSteps
    {
        public List<LoggedPrediction> Predictions { get; } = [];

        public Dictionary<(string Asset, Profiles.Profile Profile), RowBuffer> Rows { get; } = [];
    }

    private sealed class RowBuffer
    {
        public List<long> Ticks { get; } = [];

        public List<double> Values { get; } = [];
    }
}

/// <summary>The predictions and rows of one profile that are to be stored.</summary>
internal sealed record StoredSteps(string Profile, IReadOnlyList<LoggedPrediction> Predictions, IReadOnlyList<AssetRows> Rows);
