using Google.Protobuf.WellKnownTypes;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>From the program's types to the messages of the contract.</summary>
internal static class Wire
{
    public static Timestamp ToWire(this DateTimeOffset time) => Timestamp.FromDateTimeOffset(time);

    public static Timestamp TimeOfTicks(long ticks) => Timestamp.FromDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero));

    public static V1.PredictionState ToWire(this PredictionState state) => state switch
    {
        PredictionState.Ready => V1.PredictionState.Ready,
        PredictionState.WarmingUp => V1.PredictionState.WarmingUp,
        PredictionState.Stale => V1.PredictionState.Stale,
        PredictionState.OutOfDistribution => V1.PredictionState.OutOfDistribution,
        PredictionState.InIncident => V1.PredictionState.InIncident,
        PredictionState.Maintenance => V1.PredictionState.Maintenance,
        PredictionState.NoModel => V1.PredictionState.NoModel,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a prediction state"),
    };

    public static V1.PredictionBasis ToWire(this PredictionBasis basis) => basis switch
    {
        PredictionBasis.Prior => V1.PredictionBasis.Prior,
        PredictionBasis.Evidence => V1.PredictionBasis.Evidence,
        PredictionBasis.Learned => V1.PredictionBasis.Learned,
        _ => throw new ArgumentOutOfRangeException(nameof(basis), basis, "not a prediction basis"),
    };

    public static V1.Prediction ToWire(this AssetPrediction p) => new()
    {
        Profile = p.Key.Profile, Asset = p.Key.Asset, Time = p.Time.ToWire(), GivenTime = p.Given.ToWire(), State = p.State.ToWire(),
        Basis = p.State == PredictionState.Ready ? p.Basis.ToWire() : V1.PredictionBasis.Unspecified,
        Probabilities = { p.Probabilities.Select(ToWire) },
        Drivers = { p.Drivers.Select(d => new V1.Driver { Group = d.Group, Share = d.Share, Detail = d.Detail }) },
        ModelId = p.ModelId, EvidenceDigest = p.EvidenceDigest,
    };

    public static V1.HorizonProbability ToWire(this HorizonProbability p) => new() { Horizon = Duration.FromTimeSpan(p.Horizon), Probability = p.Probability };

    public static V1.Prediction ToWire(this LoggedPrediction p, string profile) => new()
    {
        Profile = profile, Asset = p.Asset, Time = p.Time.ToWire(), GivenTime = p.Given.ToWire(), State = p.State.ToWire(),
        Basis = p.State == PredictionState.Ready ? p.Basis.ToWire() : V1.PredictionBasis.Unspecified,
        Probabilities = { p.Probabilities.Select(ToWire) }, ModelId = p.ModelId, EvidenceDigest = p.EvidenceDigest,
    };

    public static V1.Finding Finding(string metric, in Finding f)
    {
        var wire = new V1.Finding
        {
            Time = TimeOfTicks(f.Ticks), Metric = metric, Score = f.Score, LocationTime = f.LocationTicks is { } at ? TimeOfTicks(at) : null,
            Kind = f.Kind switch
            {
                FindingKind.Spike => V1.FindingKind.Spike,
                FindingKind.Changepoint => V1.FindingKind.Changepoint,
                FindingKind.Drift => V1.FindingKind.Drift,
                FindingKind.Stuck => V1.FindingKind.Stuck,
                FindingKind.Missing => V1.FindingKind.Missing,
                FindingKind.Apart => V1.FindingKind.Apart,
                _ => throw new ArgumentOutOfRangeException(nameof(f), f.Kind, "not a kind of finding"),
            },
        };
        if (!double.IsNaN(f.Value)) wire.Value = f.Value;
        if (!double.IsNaN(f.PValue)) wire.PValue = f.PValue;
        if (!double.IsNaN(f.Share)) wire.Share = f.Share;
        return wire;
    }

    public static V1.Outcome ToWire(this LoggedOutcome o) => new()
    {
        Horizon = Duration.FromTimeSpan(o.Horizon), Happened = o.Happened, ResolvedTime = o.Resolved.ToWire(),
    };

    public static V1.ModelState ToWire(this ModelState state) => state switch
    {
        ModelState.Candidate => V1.ModelState.Candidate,
        ModelState.Challenger => V1.ModelState.Challenger,
        ModelState.Champion => V1.ModelState.Champion,
        ModelState.Retired => V1.ModelState.Retired,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a model state"),
    };

    public static V1.Model ToWire(this ModelRecord m) => new()
    {
        ModelId = m.Id, Profile = m.Profile, CreateTime = m.Created.ToWire(), State = m.State.ToWire(), Sha256 = m.Sha256, SizeBytes = m.Size, SummaryJson = m.SummaryJson,
    };

    public static V1.TrainingRun ToWire(this TrainingRun run)
    {
        var wire = new V1.TrainingRun
        {
            RunId = run.Id, Profile = run.Order.Profile, Actor = run.Order.Actor, StartTime = run.Started.ToWire(), EndTime = run.Ended?.ToWire(),
            State = run.State switch
            {
                TrainingRunState.Running => V1.TrainingState.Running,
                TrainingRunState.Succeeded => V1.TrainingState.Succeeded,
                TrainingRunState.Failed => V1.TrainingState.Failed,
                _ => V1.TrainingState.Cancelled,
            },
            Stage = run.Stage, StageShare = run.StageShare, ModelId = run.Outcome?.ModelId ?? "", Promoted = run.Outcome?.Promoted ?? false, Message = run.Message,
        };
        if (run.Outcome?.Comparison is { } c)
            wire.Comparison = new V1.ModelComparison
            {
                RowCount = c.RowCount, IncidentCount = c.IncidentCount, CandidateLogLoss = c.CandidateLogLoss, ChampionLogLoss = c.ChampionLogLoss,
                DifferenceLow = c.DifferenceLow, DifferenceHigh = c.DifferenceHigh, HeldOutStartTime = c.From.ToWire(),
            };
        return wire;
    }
}
