using System.Globalization;
using System.IO.Compression;
using CsvHelper;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>
/// Writes one CSV file row by row into a temporary file beside it, and puts it in place on <see cref="Commit"/>: a run that fails
/// leaves nothing, and an earlier file stays as it was. Compressed when the name ends in <c>.gz</c>.
/// </summary>
/// <exception cref="InputException">From the constructor, when the file cannot be written there.</exception>
public sealed class CsvOutput : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly int _columnCount;
    private readonly CsvWriter _writer;
    private int _cells;
    private bool _closed;

    public CsvOutput(string path, IReadOnlyList<string> columns)
    {
        _path = path;
        _temporary = $"{path}.{Environment.ProcessId}.partial";
        _columnCount = columns.Count;
        Stream stream;
        try
        {
            stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, $"cannot be written: {e.Message}");
        }
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) stream = new GZipStream(stream, CompressionLevel.Fastest);
        _writer = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", HasHeader = false }, leaveOpen: false);
        _writer.WriteRecord(columns.ToArray());
    }

    public void Cell(string text) => Count().WriteField(text);

    public void Cell(ReadOnlySpan<char> text) => Count().WriteField(text);

    /// <summary>A time in UTC ticks, as ISO 8601.</summary>
    public void Time(long ticks) => Cell(CsvTime.Text(ticks));

    /// <summary>A number that reads back to the same bits; NaN is an empty cell, infinities are <c>+Inf</c> and <c>-Inf</c>.</summary>
    public void Cell(double value) => Cell(value, "R");

    /// <inheritdoc cref="Cell(double)"/>
    /// <param name="format">A standard numeric format: <c>R</c>, or <c>G9</c> for nine significant digits.</param>
    public void Cell(double value, string format)
    {
        if (double.IsNaN(value)) Cell("");
        else if (double.IsInfinity(value)) Cell(value > 0 ? "+Inf" : "-Inf");
        else Count().WriteField(value, format, CultureInfo.InvariantCulture);
    }

    public void EndRow()
    {
        if (_cells != _columnCount) throw new InvalidOperationException($"the row has {_cells} cells, the header {_columnCount}");
        _writer.EndRecord();
        _cells = 0;
    }

    /// <summary>Closes the file and puts it in its place.</summary>
    public void Commit()
    {
        if (_cells != 0) throw new InvalidOperationException("the last row is not ended");
        _closed = true;
        _writer.Dispose();
        File.Move(_temporary, _path, overwrite: true);
    }

    /// <summary>Without <see cref="Commit"/> before it, drops what was written.</summary>
    public void Dispose()
    {
        if (_closed) return;
        _closed = true;
        try
        {
            _writer.Dispose();
        }
        finally
        {
            File.Delete(_temporary);
        }
    }

    private CsvWriter Count()
    {
        _cells++;
        return _writer;
    }
}
