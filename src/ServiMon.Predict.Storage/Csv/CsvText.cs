using System.Buffers.Text;
using System.Text;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>Cells as numbers and names.</summary>
internal static class CsvText
{
    public const string NumberForm = "write a decimal number such as 12.5 or 3e-7, NaN, +Inf, -Inf, or leave the cell empty for missing";

    /// <summary>Longest name of an asset, in characters: paths of a dozen levels fit.</summary>
    public const int LongestName = 200;

    /// <summary>Longest part of a cell that a message repeats.</summary>
    private const int LongestShown = 60;

    /// <summary>Reads a number; empty and NaN give NaN; infinities (and what overflows to one) keep their sign.</summary>
    public static bool TryParse(ReadOnlySpan<byte> cell, out double value)
    {
        if (Utf8Parser.TryParse(cell, out value, out var used) && used == cell.Length) return true;
        cell = cell.Trim(" \t"u8);
        if (cell.IsEmpty)
        {
            value = double.NaN;
            return true;
        }
        if (Utf8Parser.TryParse(cell, out value, out used) && used == cell.Length) return true;
        var sign = cell[0] == '-' ? -1 : 1;
        var word = cell[0] is (byte)'-' or (byte)'+' ? cell[1..] : cell;
        if (Ascii.EqualsIgnoreCase(word, "nan"u8)) value = double.NaN;
        else if (Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8)) value = sign * double.PositiveInfinity;
        else return false;
        return true;
    }

    /// <summary>A cell for a message: cut when long, line ends made visible.</summary>
    public static string Shown(ReadOnlySpan<byte> cell)
    {
        var text = Encoding.UTF8.GetString(cell).ReplaceLineEndings("\\n");
        return text.Length <= LongestShown ? text : text[..LongestShown] + "…";
    }

    /// <summary>What is wrong with the name of an asset, or null.</summary>
    public static string? NameProblem(string column, ReadOnlySpan<byte> cell)
    {
        if (cell.Trim(" \t"u8).IsEmpty) return $"{column} is empty; name the asset";
        var length = Encoding.UTF8.GetCharCount(cell);
        return length > LongestName ? $"{column} '{Shown(cell)}' has {length} characters; at most {LongestName}" : null;
    }
}
