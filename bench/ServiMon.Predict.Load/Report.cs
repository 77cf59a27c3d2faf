using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServiMon.Predict.Load;

/// <summary>Results as Markdown tables for people, and as JSON for programs.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public List<FullLoadResult> Full { get; } = [];

    public List<LiveLoadResult> Live { get; } = [];

    public List<RecoveryResult> Recovered { get; } = [];

    /// <summary>Writes <paramref name="path"/>.md and .json.</summary>
    public void Write(string path)
    {
        File.WriteAllText(path + ".md", ToString());
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(new
        {
            Full = Full.Select(f => new { f.Format, f.Metrics, f.Assets, f.SamplesPerStep, f.PerCpuSecond, f.PerSecond, f.StepMicroseconds, f.BytesPerStep, f.Lost, Threads = f.Threads.Select(t => new { t.Thread, t.Share }) }),
            Live = Live.Select(l => new
            {
                l.Format, l.Metrics, l.Assets, l.Rate, l.CpuShare, EventToGauge = Shares(l.EventToGauge), GetPrediction = Shares(l.Get), Scrape = Shares(l.Scrape),
                l.ResidentMean, l.ResidentSlope, l.HeapMean, l.HeapSlope, l.Minutes, l.Lost,
            }),
            Recovered = Recovered.Select(r => new { r.Metrics, r.Assets, Listening = r.Listening.TotalSeconds, Restoring = r.Restoring.TotalSeconds, Restored = r.Restored.TotalSeconds, Serving = r.Serving.TotalSeconds, r.Cpu }),
        }, Indented));
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        if (Full.Count > 0)
        {
            Line(text, $"| format | metrics an asset | samples of a metric a step | samples/s of CPU | samples/s of the clock | CPU a step | lost | threads |");
            Line(text, $"|---|---|---|---|---|---|---|---|");
            foreach (var f in Full)
                Line(text, $"| {f.Format} | {f.Metrics} | {f.SamplesPerStep} | {f.PerCpuSecond:N0} | {f.PerSecond:N0} | {f.StepMicroseconds:0.0} us | {f.Lost} | {string.Join(", ", f.Threads.Take(4).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Thread} {100 * t.Share:0} %")))} |");
            Line(text, $"");
        }
        if (Live.Count > 0)
        {
            Line(text, $"| format | metrics an asset | assets | samples/s | cores | event to gauge p50 / p99 | GetPrediction p50 / p99 | scrape p50 / p99 | resident, slope | heap, slope | minutes | lost |");
            Line(text, $"|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (var l in Live)
                Line(text, $"| {l.Format} | {l.Metrics} | {l.Assets} | {l.Rate:N0} | {l.CpuShare:0.00} | {Pair(l.EventToGauge)} | {Pair(l.Get)} | {Pair(l.Scrape)} | {l.ResidentMean:0} MiB, {l.ResidentSlope:+0.00;-0.00} MiB/min | {l.HeapMean:0} MiB, {l.HeapSlope:+0.00;-0.00} MiB/min | {l.Minutes:0.0} | {l.Lost} |");
            Line(text, $"");
        }
        if (Recovered.Count > 0)
        {
            Line(text, $"| metrics of state | assets | listening | reading the state took | state restored | serving | CPU |");
            Line(text, $"|---|---|---|---|---|---|---|");
            foreach (var r in Recovered)
                Line(text, $"| {r.Metrics * r.Assets} | {r.Assets} | {r.Listening.TotalSeconds:0.00} s | {r.Restoring.TotalSeconds:0.00} s | {r.Restored.TotalSeconds:0.00} s | {r.Serving.TotalSeconds:0.00} s | {r.Cpu:0.00} s |");
        }
        return text.ToString();
    }

    private static string Pair(Spread spread) => string.Create(CultureInfo.InvariantCulture, $"{spread.At(0.5):0.0} / {spread.At(0.99):0.0} ms");

    private static object Shares(Spread spread) => new { P50 = Finite(spread.At(0.5)), P99 = Finite(spread.At(0.99)), Most = Finite(spread.At(1)), spread.Count };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static void Line(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
