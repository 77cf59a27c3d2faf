using System.Globalization;
using ServiMon.Predict.Hazard;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Draws a board for a terminal, with colours.</summary>
internal static class BoardTable
{
    /// <summary>Lines taken by everything but rows and hints: title, counts (which may need two), frame, header, the rest, and two to spare.</summary>
    private const int OtherLines = 10;

    private const int LeastRows = 5;

    /// <summary>Said above the table instead of in every row.</summary>
    private const string ToBaseline = " its baseline";

    /// <summary>Letters that a reason gets even on a narrow terminal.</summary>
    private const int LeastReason = 10;

    /// <param name="terminalHeight">Lines; rows that do not fit are left out, those of least risk first.</param>
    /// <param name="terminalWidth">Columns; reasons are shortened to fit, so that an asset is one line.</param>
    public static IRenderable Draw(BoardView view, int terminalWidth, int terminalHeight)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey).Expand();
        table.AddColumn(new TableColumn("[bold]asset[/]").NoWrap());
        table.AddColumn(new TableColumn("[bold]kind[/]").NoWrap());
        table.AddColumn(new TableColumn("[bold]state[/]").NoWrap());
        foreach (var horizon in view.Horizons) table.AddColumn(new TableColumn($"[bold]{Markup.Escape(horizon)}[/]").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("[bold]warned[/]").NoWrap());
        table.AddColumn(new TableColumn("[bold]reason[/]").NoWrap());

        var shown = Math.Max(LeastRows, terminalHeight - OtherLines - view.Hints.Sum(h => 1 + (h.Length - 1) / terminalWidth));
        var room = RoomForReason(view, terminalWidth);
        foreach (var row in view.Rows.Take(shown)) table.AddRow(Cells(row, room));
        var rest = view.Rows.Count - shown;
        return new Rows(
            new Markup($"[bold]{Markup.Escape(view.Title)}[/]   {Markup.Escape(view.Clock)}"),
            new Markup(Counts(view.Counts)),
            table,
            new Markup($"[grey]{Markup.Escape(string.Join('\n', rest > 0 ? view.Hints.Prepend($"and {rest} assets at less risk") : view.Hints))}[/]"));
    }

    private static string Counts(AlarmCounts counts) => string.Create(CultureInfo.InvariantCulture,
        $"incidents so far [bold]{counts.Incidents}[/]: [green]{counts.Predicted} predicted[/], [red]{counts.Missed} missed[/]; [yellow]{counts.FalseAlarms} false alarms[/] [grey]· probability of failing within each time; reasons against the asset's own baseline[/]");

    private static IRenderable[] Cells(BoardRow row, int room) =>
    [
        new Markup((row.Alarm ? "[red bold]" : row.State == PredictionState.InIncident ? "[white on red]" : "[default]") + Markup.Escape(row.Asset) + "[/]"),
        new Markup($"[grey]{Markup.Escape(row.Kind)}[/]"),
        new Markup(State(row)),
        .. row.Probability.Select(p => new Markup(Coloured(p))),
        new Markup(row.Lead is not null ? $"[green]{Warned(row)}[/]" : $"[red]{Warned(row)}[/]"),
        new Text(Shortened(row.Reason.Replace(ToBaseline, "", StringComparison.Ordinal), room)),
    ];

    private static string Warned(BoardRow row) => row.Lead is { } lead ? $"{SpanText.Of(lead)} before" : row.Missed ? "missed" : "";

    /// <summary>What the other columns leave; a column has a border and two spaces.</summary>
    private static int RoomForReason(BoardView view, int width)
    {
        int Widest(string header, Func<BoardRow, int> length) => Math.Max(header.Length, view.Rows.Select(length).DefaultIfEmpty(0).Max());
        var others = Widest("asset", r => r.Asset.Length) + Widest("kind", r => r.Kind.Length) + Widest("state", r => StateText(r).Length)
            + Widest("warned", r => Warned(r).Length) + view.Horizons.Sum(h => Math.Max(h.Length, "<0.1 %".Length));
        return Math.Max(LeastReason, width - others - 3 * (view.Horizons.Count + 5) - 1);
    }

    /// <summary>Makes a reason (<c>group share: metric how far off</c>) fit: first the group goes, then the middle.</summary>
    internal static string Shortened(string text, int room)
    {
        if (text.Length > room && text.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var at) text = text[(at + 2)..];
        return text.Length <= room ? text : $"{text[..((room - 1) / 2)]}…{text[^(room - 1 - (room - 1) / 2)..]}";
    }

    private static string State(BoardRow row) => row.State switch
    {
        PredictionState.InIncident => $"[red]{StateText(row)}[/]",
        PredictionState.Ready when row.Alarm => $"[red bold]{StateText(row)}[/]",
        PredictionState.Ready when row.Basis == PredictionBasis.Prior => $"[grey]{StateText(row)}[/]",
        PredictionState.Ready => $"[green]{StateText(row)}[/]",
        _ => $"[yellow]{StateText(row)}[/]",
    };

    private static string StateText(BoardRow row) => row.State switch
    {
        PredictionState.InIncident => "failed",
        PredictionState.Ready when row.Alarm => "ALARM",
        PredictionState.Ready when row.Basis == PredictionBasis.Prior => "ready (prior)",
        _ => row.State.Text().Replace('_', ' '),
    };

    private static string Coloured(double probability)
    {
        if (double.IsNaN(probability)) return "";
        var colour = probability switch { >= 0.5 => "red bold", >= 0.2 => "yellow", >= 0.05 => "default", _ => "grey" };
        return $"[{colour}]{Percent(probability)}[/]";
    }

    /// <summary>0.1 % is as fine as people read a risk.</summary>
    internal static string Percent(double probability) => probability switch
    {
        < 0.0005 => "<0.1 %",
        < 0.0995 => string.Create(CultureInfo.InvariantCulture, $"{probability * 100:0.0} %"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{probability * 100:0} %"),
    };
}
