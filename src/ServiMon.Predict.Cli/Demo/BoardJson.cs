using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>A board as one JSON object on one line.</summary>
internal static class BoardJson
{
    /// <param name="kind"><c>board</c> for a moment of the replay, <c>summary</c> for its end.</param>
    public static string Line(string kind, BoardView view) => JsonText.OneLine(new
    {
        Kind = kind,
        view.Title,
        view.Clock,
        Counts = new { view.Counts.Incidents, view.Counts.Predicted, view.Counts.Missed, view.Counts.FalseAlarms },
        Assets = view.Rows.Select(r => new
        {
            r.Asset,
            Profile = r.Kind,
            State = r.State.Text(),
            Basis = r.Basis.Text(),
            Probability = view.Horizons.Zip(r.Probability).Where(p => !double.IsNaN(p.Second)).ToDictionary(p => p.First, p => p.Second),
            r.Alarm,
            r.Reason,
            LeadSeconds = r.Lead?.TotalSeconds,
            r.Missed,
        }),
    });
}
