using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>Writes what detectors found in the metrics of assets as CSV: one row for each finding.</summary>
public sealed class FindingFile(string path) : IDisposable
{
    private readonly CsvOutput _output = new(path, ["asset", "time", "metric", "finding", "location", "value", "score", "p_value", "share"]);

    /// <summary>The word for a kind: in files, messages and answers.</summary>
    public static string Text(FindingKind kind) => kind switch
    {
        FindingKind.Spike => "spike",
        FindingKind.Changepoint => "changepoint",
        FindingKind.Drift => "drift",
        FindingKind.Stuck => "stuck",
        FindingKind.Missing => "missing",
        _ => "apart",
    };

    public void Write(string asset, string metric, in Finding finding)
    {
        _output.Cell(asset);
        _output.Cell(CsvTime.Text(finding.Ticks));
        _output.Cell(metric);
        _output.Cell(Text(finding.Kind));
        _output.Cell(finding.LocationTicks is { } ticks ? CsvTime.Text(ticks) : "");
        _output.Cell(finding.Value);
        _output.Cell(finding.Score);
        _output.Cell(finding.PValue);
        _output.Cell(finding.Share);
        _output.EndRow();
    }

    /// <inheritdoc cref="PredictionFile.Commit"/>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}

/// <summary>Writes stretches of one level as CSV.</summary>
public sealed class SegmentFile : IDisposable
{
    private static readonly string[] Columns = ["from", "to", "rows", "mean", "deviation"];

    private readonly CsvOutput _output;
    private readonly bool _hasAssets;

    /// <param name="hasAssets">True to say in each row whose metric it is; false for one series.</param>
    public SegmentFile(string path, bool hasAssets)
    {
        _hasAssets = hasAssets;
        _output = new CsvOutput(path, hasAssets ? ["asset", "metric", .. Columns] : Columns);
    }

    public void Write(string asset, string metric, in Segment segment)
    {
        if (_hasAssets)
        {
            _output.Cell(asset);
            _output.Cell(metric);
        }
        _output.Cell(CsvTime.Text(segment.From));
        _output.Cell(CsvTime.Text(segment.To));
        _output.Cell((double)segment.Count);
        _output.Cell(segment.Mean);
        _output.Cell(segment.Deviation);
        _output.EndRow();
    }

    /// <inheritdoc cref="PredictionFile.Commit"/>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}
