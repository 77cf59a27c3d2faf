namespace ServiMon.Predict.Cli.Export;

/// <summary>What a column of an exported table holds.</summary>
internal enum ColumnKind { Time, Text, Number }

/// <summary>A column of an exported table.</summary>
internal sealed record TableColumn(string Name, ColumnKind Kind);

/// <summary>
/// A table written cell by cell, row by row, with memory bounded by some thousand rows. It appears only when it is committed: what is not leaves nothing, and
/// an earlier file as it was.
/// </summary>
internal interface ITable : IAsyncDisposable
{
    /// <param name="ticks">UTC; null for an empty cell.</param>
    void Time(long? ticks);

    /// <param name="text">Null for an empty cell.</param>
    void Text(string? text);

    /// <param name="value">NaN for an empty cell.</param>
    void Number(double value);

    ValueTask EndRowAsync(CancellationToken stop);

    Task CommitAsync(CancellationToken stop);
}

/// <summary>Chooses the form of a table by the name of its file.</summary>
internal static class Tables
{
    /// <exception cref="InputException">The name says no form, or the file cannot be written there.</exception>
    public static async Task<ITable> CreateAsync(string path, IReadOnlyList<TableColumn> columns)
    {
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) return await ParquetTable.CreateAsync(path, columns);
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase)) return new CsvTable(path, columns);
        throw new InputException("--output", $"'{path}' ends in none of .csv, .csv.gz and .parquet");
    }
}
