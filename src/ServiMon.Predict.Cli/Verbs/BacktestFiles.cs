using System.Text;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage.Csv;
using ServiMon.Predict.Training.Backtesting;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The three files of a backtest.</summary>
internal static class BacktestFiles
{
    /// <summary>Rows between two looks at whether to stop.</summary>
    private const int RowsPerLook = 8192;

    public static void Write(StagedFolder output, FleetRead replayed, IReadOnlyList<Horizon> horizons, BacktestResult result, CancellationToken stop)
    {
        WritePredictions(output.PathOf("predictions.csv"), replayed, horizons, result, stop);
        File.WriteAllText(output.PathOf("report.json"), JsonText.Indented(result.Report) + "\n", new UTF8Encoding(false));
        File.WriteAllText(output.PathOf("report.html"), FailureReportHtml.Write(result, replayed.Fleet.Incidents), new UTF8Encoding(false));
    }

    /// <summary>One row for each replayed input row and horizon, in the order of the input; then the composites, one after the other.</summary>
    private static void WritePredictions(
        string path, FleetRead replayed, IReadOnlyList<Horizon> horizons, BacktestResult result, CancellationToken stop)
    {
        var byAsset = result.Predictions.ToDictionary(p => p.Rows.Asset);
        var ofIndex = replayed.Fleet.History.Assets.Select(a => byAsset.GetValueOrDefault(a.Asset)).ToArray();
        using var file = new PredictionFile(path);
        for (var i = 0; i < replayed.Rows.Count; i++)
        {
            if (i % RowsPerLook == 0) stop.ThrowIfCancellationRequested();
            var (asset, row) = replayed.Rows[i];
            if (ofIndex[asset] is not { } predicted || row < predicted.FirstRow) continue;
            var at = row - predicted.FirstRow;
            var time = replayed.Rows.TimeText(i);
            for (var h = 0; h < horizons.Count; h++)
                file.Write(predicted.Rows.Asset, time, horizons[h].Span, predicted.Probability[at * horizons.Count + h], predicted.State[at]);
        }
        WriteComposites(file, replayed, horizons, result.Composites, stop);
        file.Commit();
    }

    private static void WriteComposites(
        PredictionFile file, FleetRead replayed, IReadOnlyList<Horizon> horizons, IReadOnlyList<AssetPredictions> composites, CancellationToken stop)
    {
        if (composites.Count == 0) return;
        // The time of a composite's step is that of a row: written as it is there.
        var rowAt = new Dictionary<long, int>();
        for (var i = 0; i < replayed.Rows.Count; i++) rowAt.TryAdd(replayed.Fleet.History.Assets[replayed.Rows[i].Asset].Ticks[replayed.Rows[i].Row], i);
        foreach (var predicted in composites)
        {
            stop.ThrowIfCancellationRequested();
            for (var i = 0; i < predicted.Count; i++)
            {
                var time = replayed.Rows.TimeText(rowAt[predicted.Rows.Ticks[i]]);
                for (var h = 0; h < horizons.Count; h++)
                    file.Write(predicted.Rows.Asset, time, horizons[h].Span, predicted.Probability[i * horizons.Count + h], predicted.State[i]);
            }
        }
    }
}
