using System.CommandLine;
using System.Globalization;
using System.Text;
using ServiMon.Predict.Cli.Evaluate;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon evaluate nab</c> and <c>events</c>: detection on public benchmarks.</summary>
internal static class DetectionBenchmarkVerbs
{
    public static Command Nab() => Benchmark("nab", "Detection: Numenta Anomaly Benchmark, with labels/, config/ and data/", NabAsync);

    public static Command Events() => Benchmark("events", "Detection: labelled events, data/<domain>/<series>.csv with time, value and label", EventsAsync);

    private static Command Benchmark(string name, string description, Func<VerbRun, string, StagedFolder, Task> work)
    {
        var data = OptionKinds.RequiredPath("--data", "DIR", "Where the benchmark lies");
        var output = OptionKinds.RequiredPath("--out", "DIR", "Gets report.json, report.txt and what was detected, one file for each series");
        var command = new Command(name, description) { data, output };
        VerbRun.Bind(command, async run =>
        {
            if (!Directory.Exists(run.Required(data))) throw new InputException("--data", $"{run.Required(data)} is no folder");
            using var folder = new StagedFolder(run.Required(output), "--out");
            await work(run, run.Required(data), folder);
        });
        return command;
    }

    private static async Task NabAsync(VerbRun run, string data, StagedFolder output)
    {
        var report = await run.WithProgress(bars =>
        {
            var corpus = NabCorpus.Read(data, share => Report(run, bars, "reading", share));
            var detections = Detect(run, [.. corpus.Series.Select(s => s.Series)], output, bars);
            return Task.FromResult(NabReport.Of(corpus, detections, (int)(run.Settings.Seed % int.MaxValue)));
        });
        Write(run, output, report, $"Numenta Anomaly Benchmark: {report.Series} series, {report.Windows} windows",
            ["score", "profile", "threshold", "windows", "false/day", ""],
            report.Lines.Select(l => new[] { F(l.Score, "0.00"), l.Profile, F(l.Threshold, "0.000"), l.WindowsHit > 0 ? $"{l.WindowsHit} of {l.Windows}" : "", F(l.FalsePerSeriesDay, "0.000"), l.What }));
    }

    private static async Task EventsAsync(VerbRun run, string data, StagedFolder output)
    {
        var report = await run.WithProgress(bars =>
        {
            var series = EventCorpus.Read(data, share => Report(run, bars, "reading", share));
            var detections = Detect(run, [.. series.Select(s => s.Series)], output, bars);
            return Task.FromResult(EventReport.Of(series, detections, (int)(run.Settings.Seed % int.MaxValue)));
        });
        Write(run, output, report, string.Create(CultureInfo.InvariantCulture, $"labelled events: {report.Series} series, {report.Events} events, {report.SeriesDays:0} series-days"),
            ["F1", "precision", "recall", "false/day", "detected", "delay", ""],
            report.Lines.Select(l => new[] { F(l.F1, "0.000"), F(l.Precision, "0.000"), F(l.Recall, "0.000"), F(l.FalseAlarmsPerSeriesDay, "0.000"), $"{l.Detected} of {l.Events}", F(l.MedianDelayRows, "0"), l.What }));
    }

    private static DetectionRow[][] Detect(VerbRun run, BenchmarkSeries[] series, StagedFolder output, ProgressBars bars)
    {
        var detections = new DetectionRow[series.Length][];
        for (var s = 0; s < series.Length; s++)
        {
            Report(run, bars, "detecting", s / (double)series.Length);
            detections[s] = series[s].Detect();
            series[s].Write(output.PathOf($"detections/{series[s].Name}"), detections[s]);
        }

        Report(run, bars, "detecting", 1);
        return detections;
    }

    private static void Report(VerbRun run, ProgressBars bars, string stage, double share)
    {
        run.Stop.ThrowIfCancellationRequested();
        bars.Report(stage, share);
    }

    private static void Write<T>(VerbRun run, StagedFolder output, T report, string title, IReadOnlyList<string> header, IEnumerable<string[]> rows)
    {
        var table = rows.ToList();
        var json = JsonText.Indented(report);
        var text = string.Join('\n', [title, .. TextTable.Aligned(header, table)]) + "\n";
        File.WriteAllText(output.PathOf("report.json"), json + "\n", new UTF8Encoding(false));
        File.WriteAllText(output.PathOf("report.txt"), text, new UTF8Encoding(false));
        output.Commit();
        if (run.Json)
        {
            run.Out.WriteLine(json);
            return;
        }

        run.Out.WriteLine(title);
        TextTable.Write(run, header, table);
    }

    private static string F(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "";
}
