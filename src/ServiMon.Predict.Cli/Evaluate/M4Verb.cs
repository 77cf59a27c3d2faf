using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary><c>servimon evaluate m4</c>: the hourly series of the M4 competition, 48 steps ahead.</summary>
internal static class M4Verb
{
    private const int BestCount = 3;

    private static readonly Option<string> Source = OptionKinds.RequiredPath(
        "--data", "DIR", $"Folder with {M4Series.PastFile} and {M4Series.FutureFile}; published figures beside them are shown");

    private static readonly Option<string> Out = OptionKinds.RequiredPath(
        "--out", "DIR", "Folder for the forecast of each series (<id>.csv: time,q0.025,q0.5,q0.975) and scores.json");

    public static Command Create()
    {
        var command = new Command("m4", "Hourly series of the M4 competition: sMAPE, MASE, OWA, MSIS and coverage") { Source, Out };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    /// <summary>Scores of one method on one part of the series.</summary>
    private sealed record Line(string Method, string Part, double? Smape, double? Mase, double? Owa, double? Msis, double? Coverage);

    private static async Task RunAsync(VerbRun run)
    {
        var folder = run.Required(Source);
        var series = M4Series.Read(folder, run.Stop);
        using var output = new StagedFolder(run.Required(Out), "--out");
        var ours = await run.WithProgress(bars => Task.FromResult(Forecasts(series, output, bars, run.Stop)));
        List<Line> lines = [];
        // Experts were chosen on the past parts of the even half: the odd half by itself shows what that is worth elsewhere.
        foreach (var (part, taken) in new (string, Func<int, bool>)[] { ("all", _ => true), ("even", i => i % 2 == 0), ("odd", i => i % 2 == 1) })
            lines.AddRange(Scored(series, ours, part, taken));
        lines.AddRange(M4Published.Read(folder, BestCount).Select(p => new Line(p.Method, "all", p.Smape, p.Mase, p.Owa, p.Msis, p.Coverage)));

        var result = new { Series = series.Count, Horizon = M4Series.Horizon, Scores = lines };
        await File.WriteAllTextAsync(output.PathOf("scores.json"), JsonText.Indented(result) + "\n", run.Stop);
        run.Stop.ThrowIfCancellationRequested();
        output.Commit();
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(result));
            return;
        }

        TextTable.Write(run, ["method", "series", "sMAPE", "MASE", "OWA", "MSIS", "coverage"],
            lines.Select(l => new[] { l.Method, l.Part, Text(l.Smape), Text(l.Mase), Text(l.Owa), Text(l.Msis), Text(l.Coverage) }));
        run.Out.WriteLine($"{series.Count} series; forecasts and scores.json written to {run.Required(Out)}");
    }

    private static M4Forecast[] Forecasts(IReadOnlyList<M4Series> series, StagedFolder output, ProgressBars bars, CancellationToken stop)
    {
        var forecasts = new M4Forecast[series.Count];
        var done = 0;
        Parallel.For(0, series.Count, new ParallelOptions { CancellationToken = stop, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            (forecasts[i], var ticks) = M4Forecast.Ours(series[i].Past);
            string path;
            lock (output) path = output.PathOf($"{series[i].Id}.csv");
            using var file = new ForecastFile(path);
            for (var h = 0; h < ticks.Length; h++)
                file.Write(new DateTimeOffset(ticks[h], TimeSpan.Zero), forecasts[i].Lower[h], forecasts[i].Median[h], forecasts[i].Upper[h]);
            file.Commit();
            bars.Report("forecasting", Interlocked.Increment(ref done) / (double)series.Count);
        });
        return forecasts;
    }

    private static IEnumerable<Line> Scored(IReadOnlyList<M4Series> series, M4Forecast[] ours, string part, Func<int, bool> taken)
    {
        M4Scores own = new(), seasonal = new(), naive2 = new();
        for (var i = 0; i < series.Count; i++)
        {
            // A series that repeats itself to the digit has no scale to measure errors by.
            if (!taken(i) || !(M4Scores.Scale(series[i].Past) > 0)) continue;
            own.Add(series[i], ours[i]);
            seasonal.Add(series[i], M4Forecast.SeasonalNaive(series[i].Past));
            naive2.Add(series[i], M4Forecast.Naive2(series[i].Past));
        }

        if (own.Count == 0) yield break;
        yield return new Line("servimon", part, own.Smape, own.Mase, own.Owa(naive2), own.Msis, own.Coverage);
        yield return new Line("seasonal naive", part, seasonal.Smape, seasonal.Mase, seasonal.Owa(naive2), seasonal.Msis, seasonal.Coverage);
        yield return new Line("Naive2", part, naive2.Smape, naive2.Mase, naive2.Owa(naive2), null, null);
    }

    private static string Text(double? value) => value is { } v && double.IsFinite(v) ? v.ToString("0.0000", CultureInfo.InvariantCulture) : "";
}
