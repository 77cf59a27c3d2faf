using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>What was found wrong with the rows of a series; counted and reported, never fatal.</summary>
internal sealed record SeriesDirt(int Missing, int Duplicate, int Late, int Unreadable, long Gaps)
{
    /// <summary>Rows between two looks at whether to stop.</summary>
    public const int RowsPerLook = 8192;

    /// <summary><c>; 3 duplicate, 1 late</c>, or nothing for a clean series.</summary>
    public string Text
    {
        get
        {
            var found = new (long Count, string What)[]
            {
                (Missing, "missing value"), (Duplicate, "duplicate time"), (Late, "late row"), (Unreadable, "unreadable row"), (Gaps, "absent row"),
            }.Where(f => f.Count > 0).Select(f => Counted.Of(f.Count, f.What)).ToList();
            return found.Count == 0 ? "" : $"; {string.Join(", ", found)}";
        }
    }

    public static SeriesDirt Of(SeriesReadResult series) => new(
        series.CountOf(SeriesRow.Missing), series.CountOf(SeriesRow.Duplicate), series.CountOf(SeriesRow.Late), series.CountOf(SeriesRow.Unreadable), series.GapCount);
}
