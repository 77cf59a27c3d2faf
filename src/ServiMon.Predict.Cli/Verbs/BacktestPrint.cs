using System.Globalization;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>What a backtest says when it is done.</summary>
internal static class BacktestPrint
{
    public static void Write(VerbRun run, IReadOnlyList<string> notes, FailureReport report, string folder)
    {
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(report));
            return;
        }
        foreach (var note in notes) run.Out.WriteLine(note);
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Profile}: {Counted.Of(report.AssetCount, "asset")}, {Counted.Of(report.IncidentCount, "incident")}, {Counted.Of(report.RowCount, "row")} replayed; {report.Split}"));
        foreach (var model in report.Models.Distinct().Take(MostModels)) run.Out.WriteLine($"  {model}");
        if (report.Models.Distinct().Count() is > MostModels and var count) run.Out.WriteLine($"  … {count - MostModels} more models in report.json");
        Scores(run, report.Horizons);
        if (report.Composites is { } composites)
        {
            run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"composites: {composites.Count}, {composites.IncidentCount} incidents, {composites.RowCount} steps"));
            Scores(run, composites.Horizons);
            run.Out.WriteLine($"Brier skill of combining the members' probabilities instead: {string.Join(", ", composites.Combined.Select(c => $"{c.Horizon} {Signed(c.BrierSkill)}"))}");
        }
        run.Out.WriteLine($"written to {folder}: predictions.csv, report.json, report.html");
    }

    private static void Scores(VerbRun run, IReadOnlyList<HorizonScore> horizons) =>
        TextTable.Write(run, ["horizon", "Brier skill", "95 % interval", "AUC", "calibration error", "base rate", "rows", "positive", "abstained"],
            horizons.Select(h => new[]
            {
                h.Horizon, Signed(h.BrierSkill),
                h.BrierSkillLow is { } low && h.BrierSkillHigh is { } high ? $"{Signed(low)} to {Signed(high)}" : "-",
                Plain(h.RocAuc), Plain(h.CalibrationError), Plain(h.BaseRate), Whole(h.Count), Whole(h.Positives), Whole(h.Abstained),
            }));

    private const int MostModels = 3;

    private static string Signed(double? value) => value?.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Plain(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
