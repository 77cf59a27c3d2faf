namespace ServiMon.Predict.Forecasting;

/// <summary>Another expert on the logarithms of the values: for seasons and changes that grow with the level. Needs positive values.</summary>
internal sealed class OnLogs(IExpert expert) : IExpert
{
    public string Name => expert.Name.Replace(")", "; logs)", StringComparison.Ordinal);

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var logs = new double[history.Length];
        var most = 0.0;
        for (var i = 0; i < logs.Length; i++)
        {
            if (!(history[i] > 0)) return false;
            logs[i] = Math.Log(history[i]);
            most = Math.Max(most, history[i]);
        }

        if (!expert.TryForecast(logs, forecast)) return false;
        // What is exponential on logs must not run away: at most as far above the past as the past is above zero.
        for (var h = 0; h < forecast.Length; h++) forecast[h] = Math.Min(Math.Exp(forecast[h]), 2 * most);
        return true;
    }
}
