using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Hazards;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>History in, model out: replay to evidence, fit hazards, keep what evidence was like.</summary>
public static class Trainer
{
    /// <summary>Rows looked at for the medians of the neutral evidence.</summary>
    private const int NeutralRows = 4000;

    /// <exception cref="OperationCanceledException">When cancelled; nothing is left behind.</exception>
    public static FittedModel Train(TrainingRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var pooled = request.Pool
            .Select(p => Replay(p.Profile, p.Data, null, null, request.Seed, progress, cancellation).Table).ToList();
        return Train(request, pooled, progress, cancellation);
    }

    /// <summary>As the other, with the pooled fleets' evidence made already.</summary>
    internal static FittedModel Train(
        TrainingRequest request, IReadOnlyList<EvidenceTable> pooled, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var own = Replay(request.Profile, request.Fleet, null, request.Until, request.Seed, progress, cancellation, request.Reading, request.Checkpoint);
        return Fit(own, pooled, request.Seed, progress, cancellation);
    }

    /// <summary>Replays a fleet into evidence, with regimes first fitted on the same part of it when the profile has drivers.</summary>
    internal static FleetEvidence Replay(
        Profile profile, TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation, ReadingOptions? reading = null,
        ReadingCheckpoint? checkpoint = null)
    {
        var regimes = RegimeFit.Fit(profile, fleet, assets, until, seed);
        var model = new EvidenceModel(profile, regimes, profile.AgeFromFirstRow ?? UnitLives.AreSingle(fleet, assets, until));
        var stage = $"{profile.Name}: history to evidence";
        var relay = progress is null ? null : new Relay(share => progress.Report(
            new TrainingProgress(checkpoint is { Summary.Length: > 0 } ? $"{stage}, {checkpoint.Summary}" : stage, share)));
        var table = EvidenceTableBuilder.Build(model, fleet, assets, until, seed, relay, cancellation, reading, checkpoint);
        var composites = !profile.Composite ? null : CompositeTables.Build(model, fleet, assets, until, seed, reading,
            progress is null ? null : new Relay(share => progress.Report(new TrainingProgress($"{profile.Name}: composites to evidence", share))), cancellation);
        return new FleetEvidence(model, table, [.. fleet.Assets.Where(a => assets is null || assets.Contains(a.Asset)).Select(a => a.Asset)], composites);
    }

    internal static FittedModel Fit(
        FleetEvidence evidence, IReadOnlyList<EvidenceTable> pooled, ulong seed, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var (model, own) = (evidence.Model, evidence.Table);
        var profile = model.Profile;
        var stage = $"{profile.Name}: ";
        var hazard = HazardTrainer.Fit(
            new HazardTrainingRequest
            {
                Own = own,
                Layout = model.Layout,
                Pooled = pooled,
                Horizons = [.. profile.Horizons.Select(h => h.Span)],
                Step = profile.Step,
                PriorFailuresPerYear = profile.PriorFailuresPerYear,
                AnomalyColumn = model.AnomalyColumn,
                Seed = (int)(seed % int.MaxValue),
            },
            progress is null ? null : new StageRelay(progress, stage), cancellation);
        if (model.Regimes is { } regimes) hazard = hazard with { Report = hazard.Report with { Notes = [Note(profile, regimes), .. hazard.Report.Notes] } };
        var composites = evidence.Composites is null ? null : CompositeTrainer.Fit(
            model, evidence.Composites, own, evidence.Assets, seed, progress is null ? null : new StageRelay(progress, $"{stage}composites, "), cancellation);
        var scoring = new ScoringModel(model, hazard.Model, Reference(model, own)) { Composite = composites?.Scoring };
        return new FittedModel(scoring, hazard) { Reading = own.Reading, Composites = composites };
    }

    private static string Note(Profile profile, RegimeModel regimes) =>
        $"{regimes.Count} operating regimes by {string.Join(", ", regimes.Drivers.Select(d => profile.Metrics[d].Name))}"
        + (profile.Drivers.IsEmpty ? ", found in the data" : "");

    private static EvidenceReference Reference(EvidenceModel model, EvidenceTable table)
    {
        var neutral = Neutral(model.Profile, table);
        var seen = new bool[model.Profile.Metrics.Length];
        for (var c = model.Layout.UniversalCount; c < table.Width; c++)
            if (model.Layout.Columns[c].Metric is >= 0 and var metric && !float.IsNaN(neutral[c])) seen[metric] = true;
        return new EvidenceReference([.. neutral], [.. seen]) { Distributions = table.Distributions };
    }

    /// <summary>Median of every column over healthy rows.</summary>
    internal static float[] Neutral(Profile profile, EvidenceTable table)
    {
        var longest = profile.LongestHorizon.TotalSeconds;
        var healthy = Enumerable.Range(0, table.Count).Where(r => table.SecondsToIncident[r] > longest).ToArray();
        var stride = Math.Max(1, healthy.Length / NeutralRows);
        var neutral = new float[table.Width];
        var column = new List<float>();
        for (var c = 0; c < table.Width; c++)
        {
            column.Clear();
            for (var i = 0; i < healthy.Length; i += stride)
                if (table.Row(healthy[i])[c] is var value && !float.IsNaN(value)) column.Add(value);
            column.Sort();
            neutral[c] = column.Count == 0 ? float.NaN : column[column.Count / 2];
        }
        return neutral;
    }

    /// <summary>Reports at once, on the caller's thread: <see cref="Progress{T}"/> would reorder.</summary>
    private sealed class Relay(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    private sealed class StageRelay(IProgress<TrainingProgress> inner, string prefix) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => inner.Report(value with { Stage = prefix + value.Stage });
    }
}
