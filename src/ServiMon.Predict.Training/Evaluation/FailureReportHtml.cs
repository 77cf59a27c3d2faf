using System.Text;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using static ServiMon.Predict.Training.Evaluation.PageText;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>The report as one page that needs nothing from elsewhere: what was caught, the scores, calibration, and each asset over time.</summary>
public static class FailureReportHtml
{
    /// <summary>Assets drawn; the rest are counted.</summary>
    private const int MostAssets = 24;

    /// <summary>The page without the assets over time, for which the predictions are needed.</summary>
    public static string Write(FailureReport report) => Write(report, [], []);

    /// <summary>The page with the assets over time.</summary>
    /// <param name="incidents">Those of the replayed history; what lies outside the predicted rows is not drawn.</param>
    public static string Write(BacktestResult result, IReadOnlyList<Incident> incidents) => Write(result.Report, [.. result.Composites, .. result.Predictions], incidents);

    private static string Write(FailureReport report, IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<Incident> incidents)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n").Append(PageStyle.Head);
        page.Append($"<title>Backtest of {Escaped(report.Profile)}</title>\n<h1>Backtest of {Escaped(report.Profile)}</h1>\n")
            .Append($"<p class=\"soft\">{Escaped(report.Split)}; {Count(report.AssetCount, "asset", "assets")}, {Count(report.IncidentCount, "incident", "incidents")}, ")
            .Append($"{Count(report.RowCount, "row", "rows")}; ")
            .Append(report.Composites is { } c ? $"{Count(c.Count, "composite", "composites")}, {Count(c.IncidentCount, "incident", "incidents")} of theirs, {Count(c.RowCount, "step", "steps")}; " : "")
            .Append($"seed {Escaped(report.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture))}</p>\n")
            .Append($"<p class=\"lead\">{Escaped(string.Join(" ", ReportSentences.Of(report)))}</p>\n");
        page.Append("<h2>Scores</h2>\n");
        ReportTables.Scores(page, report.Horizons);
        page.Append("<p class=\"soft\">The base rate is the best constant answer, known only with hindsight. Intervals are by bootstrap over assets.</p>\n");
        ReportTables.Rows(page, report.Horizons);
        Reliability(page, [.. report.Horizons.Where(h => h.Reliability.Count > 0)]);
        page.Append("<h2>Alarms</h2>\n<p class=\"soft\">For each budget, the threshold that catches most of these incidents. It was chosen on the rows it is counted on, so expect a little less. ")
            .Append("A budget says nothing where an alarm that is always on keeps it too.</p>\n");
        ReportTables.Alarms(page, report.Horizons);
        if (report.Composites is { } composites) Composites(page, composites);
        if (report.Horizons.Count > 0) Assets(page, report, predictions, incidents);
        Models(page, report.Models);
        Glossary(page);
        return page.Append("</html>\n").ToString();
    }

    private static void Reliability(StringBuilder page, IReadOnlyList<HorizonScore> horizons)
    {
        if (horizons.Count == 0) return;
        page.Append("<h2>Calibration</h2>\n<p class=\"soft\">Points on the diagonal are right: what was predicted at 20 % happened in 20 % of the rows. ")
            .Append("Each point is about a fifteenth of the rows; numbers are its rows. Mind the axes: they end where the points do.</p>\n<div class=\"grid\">\n");
        foreach (var horizon in horizons)
        {
            page.Append($"<figure><h3>{Escaped(horizon.Horizon)}</h3>");
            ReliabilitySvg.Write(page, horizon.Reliability);
            page.Append("<details><summary class=\"soft\">as a table</summary>");
            ReportTables.Bins(page, horizon.Reliability);
            page.Append("</details></figure>\n");
        }
        page.Append("</div>\n");
    }

    private static void Composites(StringBuilder page, CompositeReport composites)
    {
        page.Append("<h2>Composites</h2>\n<p class=\"soft\">Parents of assets, predicted from the evidence of all their members. An incident of a member is none of its parent. ");
        if (composites.Combined.Any(c => c.BrierSkill is not null))
            page.Append("Combining the members' probabilities instead, as if any failure of theirs were one of the parent, would have a Brier skill of ")
                .Append(Escaped(string.Join(", ", composites.Combined.Select(c => $"{Number(c.BrierSkill)} at {c.Horizon}")))).Append('.');
        page.Append("</p>\n");
        ReportTables.Scores(page, composites.Horizons);
        ReportTables.Alarms(page, composites.Horizons);
    }

    private static void Assets(StringBuilder page, FailureReport report, IReadOnlyList<AssetPredictions> predictions, IReadOnlyList<Incident> incidents)
    {
        var middle = ReportSentences.Middle(report);
        var horizon = report.Horizons[middle];
        var span = TimeSpan.FromSeconds(horizon.Seconds);
        var byAsset = incidents.ToLookup(i => i.Asset);
        var drawn = predictions.Where(p => p.Count > 0).Select(p => (Predictions: p, Incidents: Within(p, byAsset[p.Rows.Asset], span)))
            .OrderBy(a => a.Incidents.Count == 0).ToList();
        if (drawn.Count == 0) return;

        var largest = drawn.Take(MostAssets).Max(a => Largest(a.Predictions, middle, report.Horizons.Count));
        var alarm = ReportSentences.Alarm(horizon);
        var svg = new ProbabilitySvg
        {
            Horizon = middle, HorizonCount = report.Horizons.Count, HorizonSpan = span, End = AxisEnd.Of(largest), Threshold = alarm?.Threshold,
        };
        page.Append($"<h2>Probability of failing within {Escaped(horizon.Horizon)}, over time</h2>\n<p class=\"soft\">")
            .Append(drawn.Count > MostAssets ? $"{MostAssets} of {Count(drawn.Count, "asset", "assets")}, failing ones first. " : "Failing assets first. ")
            .Append("The highest prediction of each part of the time is drawn. ")
            .Append("<span class=\"key\" style=\"background:var(--model)\"></span>by a model<span class=\"key\" style=\"background:var(--prior)\"></span>by the prior alone")
            .Append("<span class=\"key\" style=\"background:var(--hit)\"></span>incident<span class=\"key\" style=\"background:var(--near)\"></span>the horizon before it, where the line should be high")
            .Append(svg.Threshold is { } t && alarm is not null ? $"; dashes: the alarm of the first sentence, at {Percent(t)}" : "").Append("</p>\n<div class=\"grid\">\n");
        foreach (var (asset, failures) in drawn.Take(MostAssets))
        {
            var kinds = failures.CountBy(i => i.Kind).Select(k => k.Value == 1 ? k.Key : $"{k.Value} × {k.Key}");
            page.Append($"<figure><h3>{Escaped(asset.Rows.Asset)} <span class=\"soft\">{(failures.Count == 0 ? "no incident" : Escaped(string.Join(", ", kinds)))}</span></h3>");
            svg.Write(page, asset, failures);
            page.Append("</figure>\n");
        }
        page.Append("</div>\n");
    }

    /// <summary>Incidents that begin between the first predicted row and a horizon after the last.</summary>
    private static List<Incident> Within(AssetPredictions predictions, IEnumerable<Incident> incidents, TimeSpan horizon)
    {
        var (first, last) = (predictions.Rows.Time(predictions.FirstRow), predictions.Rows.Time(predictions.Rows.Count - 1));
        return [.. incidents.Where(i => i.Start >= first && i.Start <= last + horizon)];
    }

    private static double Largest(AssetPredictions predictions, int horizon, int count)
    {
        var largest = 0.0;
        for (var i = horizon; i < predictions.Probability.Length; i += count)
            if (predictions.Probability[i] > largest) largest = predictions.Probability[i];
        return largest;
    }

    private static void Models(StringBuilder page, IReadOnlyList<string> models)
    {
        page.Append($"<h2>Models</h2>\n<details><summary>{Count(models.Count, "model was", "models were")} fitted</summary>\n<ul>\n");
        foreach (var model in models) page.Append("<li>").Append(Escaped(model)).Append("</li>\n");
        page.Append("</ul></details>\n");
    }

    private static void Glossary(StringBuilder page) => page.Append("""
        <h2>Words</h2>
        <dl class="soft">
        <dt>Brier skill</dt><dd>The share by which the mean squared error of the probabilities is below that of the base rate: 1 is perfect, 0 no better than the base rate, below 0 worse.</dd>
        <dt>AUC</dt><dd>The chance that a row before an incident has a higher probability than one that is not: 1 is perfect, 0.5 chance. It says nothing of calibration.</dd>
        <dt>calibration error</dt><dd>How far predicted probability and observed frequency are apart, averaged over rows; 0 is perfect.</dd>
        <dt>log-loss</dt><dd>Mean of minus the logarithm of the probability given to what happened, in nats; lower is better, and sure mistakes cost most.</dd>
        <dt>average precision</dt><dd>The share of alarms that are right, averaged over how much is caught; the base rate scores its own value.</dd>
        <dt>false alarms</dt><dd>Unbroken runs of alarmed rows that no incident follows within the horizon; one for each horizon they last.</dd>
        <dt>by the prior alone</dt><dd>Rows answered with the base rate because there was not enough to go by, as in warm-up.</dd>
        </dl>

        """);
}
