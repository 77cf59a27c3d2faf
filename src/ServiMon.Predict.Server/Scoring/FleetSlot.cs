using System.Collections.Immutable;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>The place of an asset or a composite in a <see cref="LiveFleet"/>: its newest step, the reasons of it, and what is to be saved.</summary>
/// <remarks>For the thread that scores, but for <see cref="Explain"/>.</remarks>
internal abstract class FleetSlot(AssetKey key)
{
    private ImmutableArray<Driver> _drivers = [];
    private bool _isExplained;

    public AssetKey Key { get; } = key;

    /// <summary>The partition that its state goes with, or null when there is none to save it for.</summary>
    public abstract SourcePartition? SavedWith { get; }

    /// <summary>UTC ticks of the newest step that closed; <see cref="long.MinValue"/> before the first.</summary>
    public abstract long Ticks { get; }

    public abstract PredictionState State { get; }

    public abstract PredictionBasis Basis { get; }

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public abstract ReadOnlySpan<double> Probability { get; }

    public abstract ReadOnlySpan<float> Evidence { get; }

    /// <summary>Log-odds at the longest horizon when the log was last given reasons; NaN before.</summary>
    public double ExplainedLogOdds { get; set; } = double.NaN;

    /// <summary>True when it changed since its state was last saved.</summary>
    public bool IsChanged { get; set; }

    /// <summary>True when the board shows it as stale.</summary>
    public bool IsStale { get; set; }

    /// <summary>The time until which its steps are to be closed with the next save, UTC ticks, or null.</summary>
    public long? CloseUntil { get; set; }

    /// <summary>Held by whoever changes what <see cref="Explain"/> reads.</summary>
    private protected Lock Gate { get; } = new();

    /// <summary>What the rate of failures alone says at the longest horizon, 0 to 1; NaN without a model.</summary>
    public abstract double LongestBaseProbability(LiveProfile profile);

    /// <summary>Writes the state of what is scored here.</summary>
    public abstract void Save(StateWriter writer);

    /// <summary>Closes the next step there is, and predicts from it.</summary>
    /// <param name="timeline">Incidents and maintenance known of it, or null.</param>
    /// <returns>False when there is no such step.</returns>
    public bool TryAdvance(Timeline? timeline)
    {
        lock (Gate)
        {
            if (!Advance(timeline)) return false;
            _isExplained = false;
            return true;
        }
    }

    /// <summary>Answers from another model from the next step on.</summary>
    public void UseModel(ScoringModel? model)
    {
        lock (Gate)
        {
            // What the old model said is explained by the old model.
            ExplainNow();
            Exchange(model);
            ExplainedLogOdds = double.NaN;
        }
    }

    /// <summary>The reasons of the newest step. From any thread.</summary>
    public ImmutableArray<Driver> Explain()
    {
        lock (Gate)
        {
            ExplainNow();
            return _drivers;
        }
    }

    /// <summary>Lets the steps close that <see cref="CloseUntil"/> asks for, at the moment at which the state is captured.</summary>
    public void ApplyClose()
    {
        if (CloseUntil is { } end) CloseSteps(end);
        CloseUntil = null;
    }

    private protected abstract bool Advance(Timeline? timeline);

    private protected abstract void Exchange(ScoringModel? model);

    private protected abstract void CloseSteps(long ticks);

    /// <summary>Works the reasons of the newest step out.</summary>
    private protected abstract IEnumerable<Driver> Reasons();

    /// <summary>The newest step is another one from now on. Under <see cref="Gate"/>.</summary>
    private protected void ForgetReasons() => _isExplained = false;

    private void ExplainNow()
    {
        if (_isExplained) return;
        _drivers = [.. Reasons()];
        _isExplained = true;
    }
}
