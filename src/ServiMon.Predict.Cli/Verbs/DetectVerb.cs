using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon detect</c>: novelty, spikes and changepoints of one series, row by row; or what there is to find in the samples of a fleet.</summary>
internal static class DetectVerb
{
    private static readonly Option<string?> Input = OptionKinds.OptionalPath("--input", "F", "Series, CSV: time,value (also .gz)");
    private static readonly Option<string?> Samples = OptionKinds.OptionalPath("--samples", "F", "Or samples of a fleet, CSV (also .gz): every metric, and all of an asset together");
    private static readonly Option<string> Output = OptionKinds.RequiredPath("--output", "F", "Of a series its detections, CSV: one row for each input row; of samples what was found");
    private static readonly Option<string?> Segments = OptionKinds.OptionalPath("--segments", "F", "Stretches of one level, CSV: cut with the whole history known");
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count unreadable rows and go on");
    private static readonly Option<Engine> EngineName = EngineOption.Create();

    public static Command Create()
    {
        var command = new Command("detect", "Detect novelty, spikes and changepoints in a series, or in the metrics of a fleet")
        {
            Input, Samples, Output, Segments, SkipBadRows, EngineName,
        };
        DetectionChoice.AddTo(command);
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        if (run.Value(Input) is null == run.Value(Samples) is null)
            throw new InputException("--input, --samples", run.Value(Input) is null ? "give one of the two" : "give one of the two, not both");
        if (run.Value(Samples) is { } samples)
        {
            if (run.Value(EngineName) == Engine.MlNet) throw new InputException("--samples", "is not known to --engine mlnet");
            await new DetectInFleet(run, samples, DetectionChoice.ProfileOf(run), run.Value(SkipBadRows), DetectionChoice.Of(run)).WriteAsync(run.Required(Output), run.Value(Segments));
            return;
        }
        var path = run.Value(Input)!;
        var observe = run.Value(EngineName) == Engine.MlNet ? MlNet(run) : new SeriesDetector(DetectionChoice.Of(run)).Observe;
        var (spikes, changepoints, series) = await run.WithProgress(bars =>
        {
            var read = SeriesFile.Read(path, new SeriesReadOptions { SkipBadRows = run.Value(SkipBadRows) }, bars.ForCsv(path), run.Stop);
            var (spikeCount, changepointCount) = Write(observe, read, run.Required(Output), bars, run.Stop);
            if (run.Value(Segments) is { } segments) WriteSegments(read, segments, run.Value(EngineName) == Engine.MlNet ? null : DetectionChoice.Of(run).Zone);
            return Task.FromResult((spikeCount, changepointCount, read));
        });
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { Rows = series.Count, Spikes = spikes, Changepoints = changepoints, Dirt = SeriesDirt.Of(series) }));
            return;
        }
        run.Out.WriteLine(
            $"{path}: {Counted.Of(series.Count, "row")}, {Counted.Of(spikes, "spike")}, {Counted.Of(changepoints, "changepoint")}{SeriesDirt.Of(series).Text}; written to {run.Required(Output)}");
    }

    private static Func<long, double, DetectionRow> MlNet(VerbRun run)
    {
        DetectionChoice.RefuseAny(run);
        return OptionalParts.MlNetDetector();
    }

    private static (int Spikes, int Changepoints) Write(
        Func<long, double, DetectionRow> observe, SeriesReadResult series, string path, ProgressBars bars, CancellationToken stop)
    {
        int spikes = 0, changepoints = 0;
        var rowOf = new Dictionary<long, int>(series.Count);
        using var file = new DetectionFile(path);
        for (var i = 0; i < series.Count; i++)
        {
            if (i % SeriesDirt.RowsPerLook == 0)
            {
                stop.ThrowIfCancellationRequested();
                bars.Report("detecting", i / (double)series.Count);
            }
            var readable = series.Kinds[i] != SeriesRow.Unreadable;
            if (readable) rowOf.TryAdd(series.Ticks[i], i);
            var row = readable ? observe(series.Ticks[i], series.Values[i]) : DetectionRow.Neutral;
            if (row.Verdict == Verdict.Spike) spikes++;
            if (row.Verdict == Verdict.Changepoint) changepoints++;
            var location = row.LocationTicks is { } ticks ? series.TimeTexts[rowOf[ticks]] : "";
            file.Write(series.TimeTexts[i], series.Values[i], row.Score, row.PValue, Text(row.Verdict), location);
        }
        file.Commit();
        return (spikes, changepoints);
    }

    private static void WriteSegments(SeriesReadResult series, string path, TimeZoneInfo? zone)
    {
        int[] ordered = [.. Enumerable.Range(0, series.Count).Where(i => series.Kinds[i] is SeriesRow.Good or SeriesRow.Missing)];
        using var file = new SegmentFile(path, hasAssets: false);
        foreach (var segment in Segment.Cut([.. ordered.Select(i => series.Ticks[i])], [.. ordered.Select(i => series.Values[i])], zone)) file.Write("", "", segment);
        file.Commit();
    }

    internal static string Text(Verdict verdict) => verdict switch
    {
        Verdict.Spike => "spike",
        Verdict.Changepoint => "changepoint",
        _ => "none",
    };
}
