namespace ServiMon.Predict.Forecasting;

/// <summary>One way to continue a series; the forecaster mixes several by what each got right before.</summary>
internal interface IExpert
{
    /// <summary>Names the expert in reports, e.g. <c>seasonal-naive(24)</c>.</summary>
    string Name { get; }

    /// <summary>True for one whose slope never ends: where it is best, those that follow a slope late have no weight.</summary>
    bool IsLasting => false;

    /// <summary>Fits <paramref name="history"/> and continues it.</summary>
    /// <param name="history">Evenly spaced, without gaps.</param>
    /// <param name="forecast">Receives the values of the next steps; at least one.</param>
    /// <returns>False when the history is too short for this expert; the forecast is then undefined.</returns>
    bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast);
}
