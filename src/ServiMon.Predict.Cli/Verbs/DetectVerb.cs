using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon detect</c>: novelty, spikes and changepoints of one series, row by row.</summary>
internal static class DetectVerb
{
    private static readonly Option<string> Input = OptionKinds.RequiredPath("--input", "F", "Series, CSV: time,value (also .gz)");
    private static readonly Option<string> Output = OptionKinds.RequiredPath("--output", "F", "Detections, CSV: one row for each input row");
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count unreadable rows and go on");
    private static readonly Option<Engine> EngineName = EngineOption.Create();

    public static Command Create()
    {
        var command = new Command("detect", "Detect novelty, spikes and changepoints in one series") { Input, Output, SkipBadRows, EngineName };
        DetectionChoice.AddTo(command);
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var path = run.Required(Input);
        var observe = run.Value(EngineName) == Engine.MlNet ? MlNet(run) : new SeriesDetector(DetectionChoice.Of(run)).Observe;
        var (spikes, changepoints, series) = await run.WithProgress(bars =>
        {
            var read = SeriesFile.Read(path, new SeriesReadOptions { SkipBadRows = run.Value(SkipBadRows) }, bars.ForCsv(path), run.Stop);
            var (spikeCount, changepointCount) = Write(observe, read, run.Required(Output), bars, run.Stop);
            return Task.FromResult((spikeCount, changepointCount, read));
        });
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { Rows = series.Count, Spikes = spikes, Changepoints = changepoints, Dirt = SeriesDirt.Of(series) }));
            return;
        }
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{path}: {series.Count} rows, {spikes} spikes, {changepoints} changepoints{SeriesDirt.Of(series).Text}; written to {run.Required(Output)}"));
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

    internal static string Text(Verdict verdict) => verdict switch
    {
        Verdict.Spike => "spike",
        Verdict.Changepoint => "changepoint",
        _ => "none",
    };
}
