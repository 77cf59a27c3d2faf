using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>One asset on the board.</summary>
/// <param name="Probability">One for each of the board's horizons; NaN where there is none.</param>
/// <param name="Reason">What raises the probability most, in words; empty when nothing does.</param>
/// <param name="Lead">How long before its last incident the alarm went off.</param>
/// <param name="Missed">True when its last incident came without an alarm.</param>
internal sealed record BoardRow(
    string Asset, string Kind, PredictionState State, PredictionBasis Basis, double[] Probability, bool Alarm, string Reason, TimeSpan? Lead, bool Missed);

/// <summary>What the live table shows at one moment, however it is drawn.</summary>
/// <param name="Clock">The replayed time.</param>
/// <param name="Horizons">Names of the probability columns, ascending.</param>
/// <param name="Rows">All assets, those down first, then by risk.</param>
/// <param name="Hints">Lines below the table: where to look, what to try next.</param>
internal sealed record BoardView(
    string Title, string Clock, IReadOnlyList<string> Horizons, IReadOnlyList<BoardRow> Rows, AlarmCounts Counts, IReadOnlyList<string> Hints);
