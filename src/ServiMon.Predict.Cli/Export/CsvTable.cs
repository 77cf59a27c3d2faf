using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Export;

/// <summary>A table as CSV, in the forms that <c>import csv</c> reads.</summary>
internal sealed class CsvTable(string path, IReadOnlyList<TableColumn> columns) : ITable
{
    private readonly CsvOutput _output = new(path, [.. columns.Select(c => c.Name)]);

    public void Time(long? ticks)
    {
        if (ticks is { } time) _output.Time(time);
        else _output.Cell("");
    }

    public void Text(string? text) => _output.Cell(text ?? "");

    public void Number(double value) => _output.Cell(value);

    public ValueTask EndRowAsync(CancellationToken stop)
    {
        _output.EndRow();
        return ValueTask.CompletedTask;
    }

    public Task CommitAsync(CancellationToken stop)
    {
        _output.Commit();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _output.Dispose();
        return ValueTask.CompletedTask;
    }
}
