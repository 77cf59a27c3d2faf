namespace ServiMon.Predict.Forecasting;

/// <summary>What was there one season ago. A season of one step is the naive forecast, right for a random walk.</summary>
internal sealed class SeasonalNaive(int season) : IExpert
{
    public string Name => season == 1 ? "naive" : $"seasonal-naive({season})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (history.Length < season) return false;
        var last = history[^season..];
        for (var h = 0; h < forecast.Length; h++) forecast[h] = last[h % season];
        return true;
    }
}
