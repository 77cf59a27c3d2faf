using Parquet;
using Parquet.Schema;

namespace ServiMon.Predict.Cli.Export;

/// <summary>A table as Parquet: times as nanoseconds in UTC, texts, and doubles with nulls for missing ones.</summary>
internal sealed class ParquetTable : ITable
{
    /// <summary>Cells of a row group: at most 32 MB of numbers are in memory.</summary>
    private const int CellsPerGroup = 4_000_000;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly ParquetWriter _writer;
    private readonly DataField[] _fields;
    private readonly Buffer[] _columns;
    private readonly int _groupRows;
    private int _cell;
    private int _rows;
    private bool _closed;

    /// <summary>The cells of one column since the last row group.</summary>
    private sealed class Buffer
    {
        public List<DateTime?> Times { get; } = [];

        public List<string?> Texts { get; } = [];

        public List<double?> Numbers { get; } = [];
    }

    private ParquetTable(string path, string temporary, FileStream file, ParquetWriter writer, DataField[] fields)
    {
        (_path, _temporary, _file, _writer, _fields) = (path, temporary, file, writer, fields);
        _columns = [.. fields.Select(_ => new Buffer())];
        _groupRows = Math.Clamp(CellsPerGroup / fields.Length, 1000, 100_000);
    }

    public static async Task<ParquetTable> CreateAsync(string path, IReadOnlyList<TableColumn> columns)
    {
        var temporary = $"{path}.{Environment.ProcessId}.partial";
        FileStream file;
        try
        {
            file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, $"cannot be written: {e.Message}");
        }
        DataField[] fields = [.. columns.Select(c => c.Kind switch
        {
            ColumnKind.Time => new DateTimeDataField(c.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Nanos, isNullable: true),
            ColumnKind.Text => new DataField(c.Name, typeof(string), isNullable: true),
            _ => new DataField(c.Name, typeof(double), isNullable: true),
        })];
        return new ParquetTable(path, temporary, file, await ParquetWriter.CreateAsync(new ParquetSchema(fields), file), fields);
    }

    public void Time(long? ticks) => _columns[_cell++].Times.Add(ticks is { } t ? new DateTime(t, DateTimeKind.Utc) : null);

    public void Text(string? text) => _columns[_cell++].Texts.Add(text);

    public void Number(double value) => _columns[_cell++].Numbers.Add(double.IsNaN(value) ? null : value);

    public async ValueTask EndRowAsync(CancellationToken stop)
    {
        if (_cell != _fields.Length) throw new InvalidOperationException($"the row has {_cell} cells, the table {_fields.Length} columns");
        _cell = 0;
        if (++_rows == _groupRows) await FlushAsync(stop);
    }

    public async Task CommitAsync(CancellationToken stop)
    {
        if (_rows > 0) await FlushAsync(stop);
        _closed = true;
        await _writer.DisposeAsync();
        await _file.DisposeAsync();
        File.Move(_temporary, _path, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed) return;
        _closed = true;
        await _writer.DisposeAsync();
        await _file.DisposeAsync();
        File.Delete(_temporary);
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        using var group = _writer.CreateRowGroup();
        for (var c = 0; c < _fields.Length; c++)
        {
            var column = _columns[c];
            if (column.Times.Count > 0) await group.WriteAsync<DateTime>(_fields[c], column.Times.ToArray().AsMemory(), cancellationToken: stop);
            else if (column.Texts.Count > 0) await group.WriteAsync(_fields[c], column.Texts!);
            else await group.WriteAsync<double>(_fields[c], column.Numbers.ToArray().AsMemory(), cancellationToken: stop);
            column.Times.Clear();
            column.Texts.Clear();
            column.Numbers.Clear();
        }
        _rows = 0;
    }
}
