using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>How far a file has been read.</summary>
/// <param name="BytesRead">Bytes of the file as it lies on disk.</param>
/// <param name="BytesTotal">The file's length.</param>
/// <param name="RowCount">Rows read so far, the header not counted.</param>
public readonly record struct CsvProgress(long BytesRead, long BytesTotal, long RowCount);

/// <summary>
/// Reads one CSV file record by record as UTF-8 (RFC 4180, plain or gzip) and hands out only records that are whole: the others
/// go to the problems. Cells are bytes of the reader's buffer, valid until the next record.
/// </summary>
internal sealed class CsvInput : IDisposable
{
    /// <summary>Rows between two reports of progress and two looks at the cancellation token.</summary>
    private const int RowsPerReport = 8192;

    private readonly CsvProblems _problems;
    private readonly IProgress<CsvProgress>? _progress;
    private readonly FileStream _file;
    private readonly TailStream _tail;
    private readonly CsvReader _reader;
    private readonly bool _gzip;
    private CsvMalformedRecord? _malformed;
    private (long Line, int Cells)? _shortRow;
    private int _columnCount;

    /// <exception cref="InputException">When the file cannot be opened.</exception>
    public CsvInput(string path, CsvProblems problems, IProgress<CsvProgress>? progress = null)
    {
        Path = path;
        _problems = problems;
        _progress = progress;
        _file = Open(path);
        Span<byte> head = stackalloc byte[3];
        var headLength = _file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        _file.Position = 0;
        _gzip = head[..headLength].StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]);
        if (!_gzip && headLength > 0 && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            throw Refuse(path, "the name ends in .gz but the content is not gzip");
        if (head[..headLength].StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || head[..headLength].StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
            throw Refuse(path, "the file is UTF-16; write it as UTF-8");
        _tail = new TailStream(_gzip ? new GZipStream(_file, CompressionMode.Decompress) : _file);
        _reader = CsvReader.Create(_tail, new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrackLineNumbers = true,
            Encoding = null,
            OnMalformedRecord = m => _malformed ??= m,
        }, leaveOpen: false);
    }

    public string Path { get; }

    /// <summary>Line on which the current record starts, counted from 1.</summary>
    public long Line => _reader.LineNumber;

    /// <summary>Records read after the header, bad ones included.</summary>
    public long RowCount { get; private set; }

    public ReadOnlySpan<byte> Cell(int column) => _reader.GetSpan(column);

    public string Text(int column) => Encoding.UTF8.GetString(_reader.GetSpan(column));

    /// <summary>Reads the header: names in order.</summary>
    /// <exception cref="InputException">When there is none, it is no UTF-8, or a name is empty or comes twice.</exception>
    public string[] ReadHeader(CancellationToken ct)
    {
        if (!TryRead(ct))
        {
            _problems.ThrowIfAny();
            throw new InputException(Path, "the file is empty: the first line must name the columns");
        }
        if (!Utf8.IsValid(_reader.RawRecord)) throw new InputException($"{Path}:{Line}", "the header is not UTF-8");
        if (_malformed is { } bad) throw new InputException($"{Path}:{Line}", QuoteProblem(bad));
        _columnCount = _reader.FieldCount;
        var names = new string[_columnCount];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Text(i).Trim();
            if (names[i].Length == 0) _problems.Fatal($"{Path}:{Line}", $"column {i + 1} has no name");
            else if (!seen.Add(names[i])) _problems.Fatal($"{Path}:{Line}", $"column '{names[i]}' comes twice");
        }
        return names;
    }

    /// <summary>Goes to the next whole record; bad ones on the way are reported.</summary>
    public bool Next(CancellationToken ct)
    {
        while (TryRead(ct))
        {
            RowCount++;
            if (_malformed is { } bad)
            {
                _problems.Row(Line, bad.Reason == CsvMalformedReason.UnterminatedQuote ? BadRow.Cut : BadRow.Quote, QuoteProblem(bad));
                _malformed = null;
            }
            else if (!Utf8.IsValid(_reader.RawRecord)) _problems.Row(Line, BadRow.Encoding, "the line is not UTF-8");
            else if (_reader.FieldCount != _columnCount) _shortRow = (Line, _reader.FieldCount);
            else return true;
        }
        return false;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tail.Dispose();
        _file.Dispose();
    }

    private bool TryRead(CancellationToken ct)
    {
        if (RowCount % RowsPerReport == 0)
        {
            ct.ThrowIfCancellationRequested();
            _progress?.Report(new CsvProgress(_file.Position, _file.Length, RowCount));
        }
        bool more;
        var lineBefore = RowCount == 0 && _columnCount == 0 ? 0 : Line;
        try
        {
            more = _reader.Read();
        }
        catch (InvalidDataException)
        {
            FlushShortRow(atEnd: true);
            _problems.Row(lineBefore + 1, BadRow.Cut, "the gzip data are damaged from here on");
            return false;
        }
        FlushShortRow(atEnd: !more);
        if (more) return true;
        if (_gzip && !GzipTail.IsWhole(Path, _tail.ByteCount))
            _problems.Row(lineBefore + 1, BadRow.Cut, "the gzip file is cut in the middle: its end is missing");
        _progress?.Report(new CsvProgress(_file.Length, _file.Length, RowCount));
        return false;
    }

    private void FlushShortRow(bool atEnd)
    {
        if (_shortRow is not { } row) return;
        _shortRow = null;
        var cells = $"{row.Cells} {(row.Cells == 1 ? "cell" : "cells")} where the header has {_columnCount}";
        if (atEnd && row.Cells < _columnCount && _tail.LastByte is not ('\n' or '\r'))
            _problems.Row(row.Line, BadRow.Cut, $"the file is cut in the middle of this line: {cells} and no line end");
        else
            _problems.Row(row.Line, BadRow.CellCount, $"{cells}");
    }

    private static string QuoteProblem(CsvMalformedRecord bad) => bad.Reason switch
    {
        CsvMalformedReason.UnterminatedQuote => "a quote is opened here and never closed: the file is cut in the middle, or the quote is stray",
        CsvMalformedReason.TextAfterClosingQuote => "text follows a closing quote; write a quote inside a quoted cell twice",
        _ => "a quote stands inside an unquoted cell; quote the whole cell and write the quote twice",
    };

    private InputException Refuse(string path, string what)
    {
        _file.Dispose();
        return new InputException(path, what);
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(path, "no such file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException(path, Directory.Exists(path) ? "is a folder, not a file" : "may not be read by this user");
        }
    }
}
