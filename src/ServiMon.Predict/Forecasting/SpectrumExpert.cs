namespace ServiMon.Predict.Forecasting;

/// <summary>Singular spectrum analysis with windows of whole seasons, continued by its windows.</summary>
/// <param name="season">The longest season that is to fit into a window, in steps; 1 for none.</param>
internal sealed class SpectrumExpert(int season) : IExpert
{
    /// <summary>Enough for a trend and the first harmonics of two seasons; what else is there is noise to a forecast.</summary>
    private const int Rank = 16;

    /// <summary>The decomposition may miss more than by default: what it gains is far below the error of a forecast.</summary>
    private const double Accuracy = 0.01;

    private const int MostWindow = 512;

    public string Name => $"singular-spectrum({season})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var most = Math.Min(MostWindow, history.Length / 3);
        var window = season <= most ? most / season * season : 0;
        if (window < 2 * Rank) return false;
        var model = SingularSpectrum.Fit(history, new SingularSpectrumOptions { WindowLength = window, Rank = Rank, Accuracy = Accuracy });
        model.ForecastByVectors(forecast.Length).CopyTo(forecast);
        return true;
    }
}
