using Spectre.Console;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>A table of texts: drawn on a terminal, aligned by spaces elsewhere.</summary>
internal static class TextTable
{
    public static void Write(VerbRun run, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (run.IsInteractive) AnsiConsole.Write(Drawn(header, rows));
        else
            foreach (var line in Aligned(header, rows)) run.Out.WriteLine(line);
    }

    /// <summary>Columns of numbers to the right, others to the left, two spaces between.</summary>
    public static IEnumerable<string> Aligned(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(header).ToList();
        var widths = header.Select((_, c) => all.Max(r => r[c].Length)).ToArray();
        var right = header.Select((_, c) => IsNumeric(all.Skip(1).Select(r => r[c]))).ToArray();
        return all.Select(r => string.Join("  ", r.Select((cell, c) => right[c] ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]))).TrimEnd());
    }

    private static bool IsNumeric(IEnumerable<string> cells) => cells.All(c => c.Length == 0 || c[0] is '-' or '+' or '<' || char.IsAsciiDigit(c[0]));

    private static Table Drawn(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        var all = rows.ToList();
        for (var c = 0; c < header.Count; c++)
        {
            var column = new TableColumn(Markup.Escape(header[c]));
            table.AddColumn(IsNumeric(all.Select(r => r[c])) ? column.RightAligned() : column.LeftAligned());
        }
        foreach (var row in all) table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
