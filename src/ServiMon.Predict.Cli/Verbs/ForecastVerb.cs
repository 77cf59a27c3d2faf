using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon forecast</c>: the next steps of one series, median and 95 % interval.</summary>
internal static class ForecastVerb
{
    /// <summary>The interval between the columns q0.025 and q0.975.</summary>
    private const double Level = 0.95;

    private static readonly Option<string> Input = OptionKinds.RequiredPath("--input", "F", "Series, CSV: time,value (also .gz)");
    private static readonly Option<string> Output = OptionKinds.RequiredPath("--output", "F", "Forecast, CSV: time,q0.025,q0.5,q0.975");
    private static readonly Option<int?> Horizon = OptionKinds.WholeNumber("--horizon", "Steps to forecast", 1, FittedForecaster.MaxHorizon, required: true);
    private static readonly Option<string?> TimeZone = OptionKinds.OptionalPath(
        "--time-zone", "ZONE", "Whose clock the seasons follow, e.g. Europe/Rome [default: UTC]");
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count unreadable rows and go on");
    private static readonly Option<Engine> EngineName = EngineOption.Create();

    public static Command Create()
    {
        var command = new Command("forecast", "Forecast the next steps of one series") { Input, Horizon, Output, TimeZone, SkipBadRows, EngineName };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var path = run.Required(Input);
        var zone = Zone(run.Value(TimeZone));
        var (series, seasons, forecast) = await run.WithProgress(bars => Task.FromResult(Forecasted(run, path, zone, bars)));
        using (var file = new ForecastFile(run.Required(Output)))
        {
            foreach (var row in forecast.Rows()) file.Write(new DateTimeOffset(row.Ticks, TimeSpan.Zero), row.Lower, row.Median, row.Upper);
            run.Stop.ThrowIfCancellationRequested();
            file.Commit();
        }
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new
            {
                Rows = series.Count, StepSeconds = series.Step.TotalSeconds, Seasons = seasons, Steps = forecast.Ticks.Length, Dirt = SeriesDirt.Of(series), forecast.Weights,
            }));
            return;
        }
        var season = seasons.Count == 0 ? "no season" : (seasons.Count == 1 ? "a season of " : "seasons of ") + string.Join(" and ", seasons) + " steps";
        run.Out.WriteLine(
            $"{path}: {Counted.Of(series.Count, "row")}, {season}{SeriesDirt.Of(series).Text}; {Counted.Of(forecast.Ticks.Length, "step")} written to {run.Required(Output)}");
    }

    internal static TimeZoneInfo? Zone(string? name)
    {
        if (name is null) return null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone : throw new InputException("--time-zone", $"'{name}' is no time zone that this machine knows; expected a name such as Europe/Rome");
    }

    private static (SeriesReadResult Series, IReadOnlyList<int> Seasons, Forecast Forecast) Forecasted(
        VerbRun run, string path, TimeZoneInfo? zone, ProgressBars bars)
    {
        var series = SeriesFile.Read(path, new SeriesReadOptions { SkipBadRows = run.Value(SkipBadRows) }, bars.ForCsv(path), run.Stop);
        var usable = Enumerable.Range(0, series.Count).Where(i => series.Kinds[i] is SeriesRow.Good or SeriesRow.Missing or SeriesRow.Late).ToArray();
        bars.Report("forecasting", 0);
        try
        {
            long[] ticks = [.. usable.Select(i => series.Ticks[i])];
            double[] values = [.. usable.Select(i => series.Values[i])];
            var (forecast, seasons) = run.Value(EngineName) == Engine.MlNet
                ? OptionalParts.MlNetForecast(ticks, values, run.Value(Horizon)!.Value, Level) : Own(ticks, values, zone, run);
            bars.Report("forecasting", 1);
            return (series, seasons, forecast);
        }
        catch (InputException e) when (e.Problems.All(p => p.Where == "series"))
        {
            throw new InputException([.. e.Problems.Select(p => p with { Where = path })]);
        }
    }

    private static (Forecast, IReadOnlyList<int>) Own(long[] ticks, double[] values, TimeZoneInfo? zone, VerbRun run)
    {
        var fitted = Forecaster.Fit(ticks, values, null, zone);
        run.Stop.ThrowIfCancellationRequested();
        return (fitted.Forecast(run.Value(Horizon)!.Value, Level), fitted.Seasons);
    }
}
