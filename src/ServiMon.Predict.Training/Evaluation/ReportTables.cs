using System.Text;
using static ServiMon.Predict.Training.Evaluation.PageText;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>The tables of a report's page.</summary>
internal static class ReportTables
{
    /// <summary>One group for each horizon: the predictions, beside them what their own base rate would have scored.</summary>
    public static void Scores(StringBuilder page, IReadOnlyList<HorizonScore> horizons)
    {
        Header(page, "horizon", "<answers", "rows", "positive", "Brier skill", "95 % interval", "Brier", "log-loss", "AUC", "average precision", "calibration error");
        foreach (var h in horizons)
        {
            page.Append("<tbody>");
            if (h.Count == 0)
            {
                Row(page, "", h.Horizon, "<no row was answered", "0", "0", "–", "–", "–", "–", "–", "–", "–");
                continue;
            }
            Row(page, "", h.Horizon, "<predicted", Whole(h.Count), Whole(h.Positives), Number(h.BrierSkill), Interval(h.BrierSkillLow, h.BrierSkillHigh),
                Number(h.Brier), Number(h.LogLoss), Number(h.RocAuc), Number(h.AveragePrecision), Number(h.CalibrationError));
            Baseline(page, "<base rate", h.BaseRate, h.BaseRateLogLoss, h.Count, h.Positives);
            if (h.PriorCount == 0 || h.ModelRows is not { } m) continue;
            Row(page, "", "", "<predicted by a model", Whole(m.Count), Whole(m.Positives), Number(m.BrierSkill), Interval(m.BrierSkillLow, m.BrierSkillHigh),
                Number(m.Brier), Number(m.LogLoss), Number(m.RocAuc), Number(m.AveragePrecision), Number(m.CalibrationError));
            Baseline(page, "<base rate of its rows", m.BaseRate, m.BaseRateLogLoss, m.Count, m.Positives);
        }
        page.Append("</table></div>\n");
    }

    /// <summary>What became of the rows.</summary>
    public static void Rows(StringBuilder page, IReadOnlyList<HorizonScore> horizons)
    {
        Header(page, "horizon", "answered by a model", "by the prior alone", "not answered", "outcome unknown", "base rate", "watched, all assets together");
        page.Append("<tbody>");
        foreach (var h in horizons)
            Row(page, "", h.Horizon, Whole(h.Count - h.PriorCount), Whole(h.PriorCount), Whole(h.Abstained), Whole(h.Censored), h.BaseRate is { } rate ? Percent(rate) : "–", Watched(h));
        page.Append("</table></div>\n");
    }

    public static void Alarms(StringBuilder page, IReadOnlyList<HorizonScore> horizons)
    {
        Header(page, "horizon", "false alarms allowed per asset-day", "came to", "alarm at", "incidents caught", "median lead");
        foreach (var h in horizons.Where(h => h.Alarms.Count > 0))
        {
            page.Append("<tbody>");
            var horizon = h.Horizon;
            // Budgets that allow the same alarms share a row.
            foreach (var same in h.Alarms.GroupBy(a => a.Vacuous ? (null, 0, true) : (a.Threshold, a.Caught, a.Vacuous)))
            {
                var (a, budgets) = (same.First(), string.Join(", ", same.Select(s => Short(s.Budget))));
                if (a.Vacuous) Row(page, "soft", horizon, budgets, "–", "–", "says nothing", "–");
                else if (a.Incidents == 0) Row(page, "soft", horizon, budgets, "–", "–", "none to catch", "–");
                else
                    Row(page, "", horizon, budgets, a.Threshold is null ? "–" : Number(a.FalseEpisodesPerAssetDay), a.Threshold is { } t ? Percent(t) : "no threshold keeps it",
                        $"{a.Caught} of {a.Incidents}", Span(a.MedianLeadSeconds));
                horizon = "";
            }
        }
        page.Append("</table></div>\n");
    }

    public static void Bins(StringBuilder page, IReadOnlyList<CalibrationBin> bins)
    {
        Header(page, "predicted", "observed", "rows");
        page.Append("<tbody>");
        foreach (var bin in bins) Row(page, "", Percent(bin.Probability), Percent(bin.Frequency), Whole(bin.Count));
        page.Append("</table></div>\n");
    }

    private static string Watched(HorizonScore horizon) => Span(TimeSpan.FromDays(horizon.AssetDays).TotalSeconds);

    /// <summary>A forecaster that says the base rate of the same rows every time (Brier skill 0 by definition, no ranking).</summary>
    private static void Baseline(StringBuilder page, string name, double? rate, double? logLoss, long count, long positives) =>
        Row(page, "soft", "", name, Whole(count), Whole(positives), positives > 0 && positives < count ? "0" : "–", "–", Number(rate * (1 - rate)), Number(logLoss),
            positives > 0 && positives < count ? Number(0.5) : "–", positives > 0 ? Number(rate) : "–", "0");

    /// <summary>A cell that begins with &lt; stands to the left.</summary>
    private static void Header(StringBuilder page, params ReadOnlySpan<string> cells)
    {
        page.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (var cell in cells) page.Append(cell[0] == '<' ? "<th class=\"left\">" : "<th>").Append(Escaped(cell.TrimStart('<')));
        page.Append("</thead>\n");
    }

    private static void Row(StringBuilder page, string kind, params ReadOnlySpan<string> cells)
    {
        page.Append(kind.Length == 0 ? "<tr>" : $"<tr class=\"{kind}\">");
        foreach (var cell in cells) page.Append(cell.StartsWith('<') ? "<td class=\"left\">" : "<td>").Append(Escaped(cell.StartsWith('<') ? cell[1..] : cell));
        page.Append('\n');
    }
}
