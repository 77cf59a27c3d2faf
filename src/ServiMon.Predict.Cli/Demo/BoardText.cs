using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Writes a board as plain lines, for pipes and logs.</summary>
internal static class BoardText
{
    /// <summary>Rows shown: those that matter; a log should not fill with healthy assets.</summary>
    private const int MostRows = 12;

    public static IEnumerable<string> Lines(BoardView view)
    {
        var counts = view.Counts;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{view.Clock}: incidents {counts.Incidents}, predicted {counts.Predicted}, missed {counts.Missed}, false alarms {counts.FalseAlarms}");
        if (view.Rows.Count == 0)
        {
            yield return "  nothing has been heard of any asset yet";
            yield break;
        }
        string[] header = ["asset", "state", .. view.Horizons, "warned", "reason"];
        foreach (var line in TextTable.Aligned(header, view.Rows.Take(MostRows).Select(Cells))) yield return "  " + line;
        if (view.Rows.Count > MostRows) yield return $"  … and {view.Rows.Count - MostRows} more at less risk";
    }

    private static string[] Cells(BoardRow row) =>
    [
        row.Asset,
        row.Alarm && row.State == PredictionState.Ready ? "ALARM" : row.State.Text(),
        .. row.Probability.Select(p => double.IsNaN(p) ? "-" : BoardTable.Percent(p)),
        row.Lead is { } lead ? $"{SpanText.Of(lead)} before" : row.Missed ? "missed" : "-",
        row.Reason,
    ];
}
