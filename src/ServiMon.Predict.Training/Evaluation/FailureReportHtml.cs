using System.Globalization;
using System.Net;
using System.Text;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>The report as one page that needs nothing from elsewhere.</summary>
public static class FailureReportHtml
{
    public static string Write(FailureReport report)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Backtest of ").Append(Text(report.Profile)).Append("</title>");
        page.Append("<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em 0}"
            + "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ccc}th:first-child,td:first-child{text-align:left}</style>\n");
        page.Append("<h1>Backtest of ").Append(Text(report.Profile)).Append("</h1>\n<p>").Append(Text(string.Create(CultureInfo.InvariantCulture,
            $"{report.Split}; {report.AssetCount} assets, {report.IncidentCount} incidents, {report.RowCount} rows; seed {report.Seed}."))).Append("</p>\n");
        Table(page, ["horizon", "rows", "positive", "abstained", "base rate", "Brier skill", "95 % interval", "AUC", "average precision", "log-loss", "calibration error"],
            report.Horizons.Select(h => new[]
            {
                h.Horizon, Whole(h.Count), Whole(h.Positives), Whole(h.Abstained), Number(h.BaseRate), Number(h.BrierSkill), $"{Number(h.BrierSkillLow)} to {Number(h.BrierSkillHigh)}",
                Number(h.RocAuc), Number(h.AveragePrecision), Number(h.LogLoss), Number(h.CalibrationError),
            }));
        foreach (var horizon in report.Horizons.Where(h => h.Count > 0))
        {
            page.Append("<h2>").Append(Text(horizon.Horizon)).Append("</h2>\n");
            Table(page, ["predicted", "observed", "rows"], horizon.Reliability.Select(b => new[] { Number(b.Probability), Number(b.Frequency), Whole(b.Count) }));
            Table(page, ["false alarm episodes allowed per asset-day", "threshold", "caught", "incidents", "median lead, s"], horizon.Alarms.Select(a => new[]
            {
                Number(a.Budget) + (a.Vacuous ? " (says nothing: an alarm that is always on keeps it)" : ""), Number(a.Threshold), Whole(a.Caught), Whole(a.Incidents), Number(a.MedianLeadSeconds),
            }));
        }
        page.Append("<h2>Models</h2>\n<ul>");
        foreach (var model in report.Models) page.Append("<li>").Append(Text(model));
        return page.Append("</ul>\n</html>\n").ToString();
    }

    private static void Table(StringBuilder page, IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        page.Append("<table><tr>");
        foreach (var cell in header) page.Append("<th>").Append(Text(cell));
        foreach (var row in rows)
        {
            page.Append("\n<tr>");
            foreach (var cell in row) page.Append("<td>").Append(Text(cell));
        }
        page.Append("</table>\n");
    }

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "-";

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
