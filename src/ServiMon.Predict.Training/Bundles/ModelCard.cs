using System.Globalization;
using System.Text;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>The bundle's page for people: <c>model-card.md</c>.</summary>
internal static class ModelCard
{
    /// <param name="distributions">Null where they are not known.</param>
    public static string Write(BundleManifest manifest, MetricDistributions? distributions)
    {
        var text = new StringBuilder();
        var report = manifest.CrossValidation;
        Line(text, $"# Failure model for {manifest.Profile}");
        Line(text, $"");
        Line(text, $"For each asset of the profile `{manifest.Profile}`: the probability that an incident starts within each horizon.");
        Line(text, $"");
        Line(text, $"- Basis: {Basis(manifest.Basis)}");
        Line(text, $"- Chosen: {report.Chosen}");
        Line(text, $"- Trained on {report.OwnRowCount} rows before {report.OwnIncidentCount} incidents");
        Line(text, $"- Range: {Time(manifest.TrainedFrom)} to {Time(manifest.TrainedUntil)}");
        if (report.PooledRowCount > 0)
            Line(text, $"- Other fleets, universal evidence only: {report.PooledRowCount} rows before {report.PooledIncidentCount} incidents");
        Line(text, $"- Evidence: {manifest.Columns.Length} columns; seed {manifest.Seed}; program {manifest.CodeVersion}");
        Line(text, $"");
        Line(text, $"| horizon | before any evidence |");
        Line(text, $"|---|---|");
        foreach (var horizon in manifest.Horizons) Line(text, $"| {horizon.Text} | {horizon.BaseRate:G3} |");
        Table(text, report.EvaluatedOnPooled ? "Cross-validation over the assets of all fleets" : "Cross-validation over assets", report.Horizons);
        Table(text, "Held-out data", manifest.Holdout);
        if (report.Candidates.Length > 0)
        {
            Line(text, $"");
            Line(text, $"## What was tried");
            Line(text, $"");
            Line(text, $"| candidate | log-loss | skill over the base rate | standard error of the log-loss difference |");
            Line(text, $"|---|---|---|---|");
            foreach (var c in report.Candidates) Line(text, $"| {c.Name} | {c.LogLoss:F4} | {c.Skill:F3} | {c.StandardError:F4} |");
        }
        if (manifest.Composites is { } composites) Composites(text, composites);
        if (distributions is not null) Table(text, distributions);
        Line(text, $"");
        Line(text, $"## Limits");
        Line(text, $"");
        foreach (var note in report.Notes) Line(text, $"- {char.ToUpperInvariant(note[0])}{note[1..]}.");
        Line(text, $"- Failures without a precursor in the evidence cannot be foreseen: for them the base rate is the honest answer.");
        Line(text, $"- Kinds of failure that were not in the training range are only seen in so far as they look like those that were.");
        Line(text, $"- The figures hold for assets like those trained on; with few incidents they are uncertain by a multiple of themselves.");
        return text.ToString();
    }

    private static void Table(StringBuilder text, string title, IReadOnlyList<HorizonMetrics> metrics)
    {
        if (metrics.Count == 0) return;
        Line(text, $"");
        Line(text, $"## {title}");
        Line(text, $"");
        Line(text, $"| horizon, s | rows | incidents | positive share | log-loss | Brier skill | AUC | calibration error | expected / observed |");
        Line(text, $"|---|---|---|---|---|---|---|---|---|");
        foreach (var m in metrics)
        {
            var counts = FormattableString.Invariant($"| {m.Seconds} | {m.RowCount} | {m.IncidentCount} | {m.BaseRate:G3} | {m.LogLoss:F4}");
            Line(text, $"{counts} | {m.BrierSkill:F3} | {m.AreaUnderCurve:F3} | {m.CalibrationError:F4} | {m.ExpectedOverObserved:F2} |");
        }
    }

    private static void Table(StringBuilder text, MetricDistributions distributions)
    {
        Line(text, $"");
        Line(text, $"## Metrics in healthy steps");
        Line(text, $"");
        var error = 100 * MetricDistributions.Accuracy;
        Line(text, $"Of {distributions.StepCount} steps further from an incident than the longest horizon, within {error:G3} %; of counters, rates a second.");
        Line(text, $"");
        Line(text, $"| metric | steps | {string.Join(" | ", MetricDistributions.Levels.Select(l => FormattableString.Invariant($"{100 * l:0} %")))} |");
        Line(text, $"|---|---|{string.Concat(MetricDistributions.Levels.Select(_ => "---|"))}");
        for (var m = 0; m < distributions.Metrics.Length; m++)
        {
            var (name, sketch) = (distributions.Metrics[m], distributions[m]);
            var values = MetricDistributions.Levels.Select(l => sketch.Count == 0 ? "-" : FormattableString.Invariant($"{sketch.Quantile(l):G4}"));
            Line(text, $"| {name} | {sketch.Count} | {string.Join(" | ", values)} |");
        }
    }

    private static void Composites(StringBuilder text, BundleComposites composites)
    {
        var report = composites.CrossValidation;
        Line(text, $"");
        Line(text, $"## Composites");
        Line(text, $"");
        Line(text, $"For each parent of assets: the probability that an incident of its own starts, from the evidence of all its members.");
        Line(text, $"");
        Line(text, $"- Basis: {Basis(composites.Basis)}");
        Line(text, $"- Chosen: {report.Chosen}");
        Line(text, $"- Trained on {report.OwnRowCount} rows before {report.OwnIncidentCount} incidents of composites");
        if (report.PooledRowCount > 0) Line(text, $"- Their members, each as a composite of one: {report.PooledRowCount} rows before {report.PooledIncidentCount} incidents");
        foreach (var note in report.Notes) Line(text, $"- {char.ToUpperInvariant(note[0])}{note[1..]}");
        Table(text, report.EvaluatedOnPooled ? "Cross-validation over composites and their members" : "Cross-validation over composites", report.Horizons);
    }

    private static string Basis(PredictionBasis basis) => basis switch
    {
        PredictionBasis.Learned => "learned from failures",
        PredictionBasis.Evidence => "the base rate, moved by how unusual the evidence is; no failure was learned from",
        _ => "the base rate alone",
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
