using ServiMon.Predict.Series;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// One asset's evidence: the state of all its metrics in one block of arrays, and the one way to advance it. Live scoring, training and
/// backtests all call <see cref="Advance"/>; there is no other implementation of a feature.
/// </summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class AssetMonitor
{
    private readonly LaneState _state;
    private readonly double[] _scratch;

    public AssetMonitor(EvidenceModel model)
    {
        Model = model;
        _state = new LaneState(model.LaneCount, model.Profile.Metrics.Length);
        _scratch = new double[model.Profile.Metrics.Length];
    }

    public EvidenceModel Model { get; }

    /// <summary>Frames since the start or the last <see cref="Reset"/>.</summary>
    public long FrameCount => _state.FrameCount;

    /// <summary>UTC ticks of the newest sample seen, or <see cref="long.MinValue"/>.</summary>
    public long LastTicks => _state.LastTicks;

    /// <summary>True while frames so far span less than the profile's warm-up.</summary>
    public bool IsWarmingUp => _state.FrameCount <= Model.Profile.WarmUp / Model.Profile.Step;

    /// <summary>
    /// Takes the asset's next frame. Steps since the last one count as missing; after a silence longer than the profile's
    /// <c>stale_after</c> the asset starts anew, with a baseline of its own.
    /// </summary>
    /// <param name="frame">A later step than the last one's.</param>
    /// <param name="evidence">Filled with the evidence vector (<see cref="EvidenceLayout.Width"/> entries, NaN for missing), or empty to skip that.</param>
    public void Advance(in Frame frame, Span<float> evidence)
    {
        if (_state.Step >= 0 && frame.Step <= _state.Step)
            throw new ArgumentException($"frame of step {frame.Step} after step {_state.Step}: frames go forward", nameof(frame));
        if (_state.Step >= 0)
        {
            var gap = frame.Step - _state.Step - 1;
            if (gap * Model.Profile.Step > Model.Profile.StaleAfter) Reset();
            else
                for (var i = 0; i < Math.Min(gap, Model.GapCap); i++)
                {
                    LaneInput.Blank(Model, _state);
                    Run();
                }
        }
        LaneInput.Write(Model, _state, frame, _scratch);
        Run();
        _state.Step = frame.Step;
        _state.LastTicks = frame.Ticks;
        _state.FrameCount++;
        if (evidence.IsEmpty) return;
        UniversalEvidence.Write(Model, _state, evidence);
        LaneEvidence.Write(Model, _state, evidence[UniversalEvidence.Count..]);
    }

    /// <summary>Forgets everything: the asset was repaired, maintained or away, and begins a new life.</summary>
    public void Reset() => _state.Reset();

    /// <summary>Makes this monitor's state equal to another's of the same model.</summary>
    public void CopyFrom(AssetMonitor other)
    {
        if (!ReferenceEquals(other.Model, Model)) throw new ArgumentException("the monitors have different models", nameof(other));
        _state.CopyFrom(other._state);
    }

    private void Run()
    {
        LaneKernel.Advance(_state, Model.EventMask, Model.Rates, 0, Model.FirstBlockEnd);
        AnomalyLevel.Write(Model, _state);
        LaneKernel.Advance(_state, Model.EventMask, Model.Rates, Model.FirstBlockEnd, _state.Stride);
    }
}
