using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>
/// Samples of a fleet as CSV, wide (<c>time,asset,metric…</c>) or long (<c>time,metric,value,label…</c>), told apart by the header.
/// </summary>
public static class SampleFile
{
    /// <summary>Reads a whole file. Rows of an asset must ascend in time; assets may be interleaved.</summary>
    /// <exception cref="InputException">With up to 100 problems as <c>file:line</c>, when the header is wrong, no row is usable, or a
    /// row is bad and bad rows are not skipped.</exception>
    public static SampleReadResult Read(
        string path, SampleReadOptions? options = null, IProgress<CsvProgress>? progress = null, CancellationToken ct = default)
    {
        options ??= new SampleReadOptions();
        var problems = new CsvProblems(path, options.SkipBadRows);
        using var input = new CsvInput(path, problems, progress);
        var header = input.ReadHeader(ct);
        var where = $"{path}:{input.Line}";
        var isLong = header.Contains("metric") && header.Contains("value");
        var result = isLong
            ? new LongSamples(input, problems, options, header).Read(where, ct)
            : new WideSamples(input, problems, options, header).Read(where, ct);
        problems.ThrowIfAny();
        if (result.Rows.Count > 0) return result;
        throw NothingUsable(path, input, problems);
    }

    /// <summary>
    /// Reads a file in pieces, with memory bounded by a piece and by the names of assets and metrics. The rules are those of <see cref="Read"/>,
    /// but what is wrong is known only at the end: whoever must not keep parts of a bad file reads it twice.
    /// </summary>
    /// <param name="chunkRows">Lines in a piece, at least 1.</param>
    /// <param name="totals">Filled while reading, and whole after the last piece.</param>
    /// <returns>Pieces, each with the rows of some assets. The same file gives the same pieces.</returns>
    /// <exception cref="InputException">After the last piece, as from <see cref="Read"/>.</exception>
    public static IEnumerable<IReadOnlyList<AssetRows>> ReadChunks(
        string path, SampleReadOptions options, int chunkRows, SampleTotals totals, IProgress<CsvProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkRows, 1);
        var problems = new CsvProblems(path, options.SkipBadRows);
        using var input = new CsvInput(path, problems, progress);
        var header = input.ReadHeader(ct);
        var where = $"{path}:{input.Line}";
        var chunks = header.Contains("metric") && header.Contains("value")
            ? new LongSamples(input, problems, options, header).ReadChunks(where, chunkRows, totals, ct)
            : new WideSamples(input, problems, options, header).ReadChunks(where, chunkRows, totals, ct);
        foreach (var chunk in chunks) yield return chunk;
        problems.ThrowIfAny();
        totals.Skipped = problems.Skipped;
        if (totals.RowCount == 0) throw NothingUsable(path, input, problems);
    }

    /// <inheritdoc cref="Read"/>
    public static Task<SampleReadResult> ReadAsync(
        string path, SampleReadOptions? options = null, IProgress<CsvProgress>? progress = null, CancellationToken ct = default) =>
        Task.Run(() => Read(path, options, progress, ct), ct);

    /// <summary>Writes the wide form, asset after asset; missing values are empty cells. The file appears only when it is whole.</summary>
    public static void WriteWide(string path, FleetHistory history, CancellationToken ct = default)
    {
        using var output = new CsvOutput(path, ["time", "asset", .. history.Metrics]);
        foreach (var asset in history.Assets)
        {
            for (var row = 0; row < asset.Count; row++)
            {
                if (row % 8192 == 0) ct.ThrowIfCancellationRequested();
                output.Cell(CsvTime.Text(asset.Ticks[row]));
                output.Cell(asset.Asset);
                foreach (var value in asset.Row(row)) output.Cell(value);
                output.EndRow();
            }
        }
        output.Commit();
    }

    private static InputException NothingUsable(string path, CsvInput input, CsvProblems problems) => new(path, input.RowCount == 0
        ? "there are no rows under the header"
        : $"no row is usable: {problems.SkippedCount} skipped ({string.Join(", ", problems.Skipped.Select(s => $"{s.Value} {s.Key.Text()}"))})");
}
