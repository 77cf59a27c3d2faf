using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>
/// Writes predictions as CSV, <c>asset,time,horizon_seconds,probability,state</c>, row by row. Nothing is left of a file that is
/// not committed.
/// </summary>
public sealed class PredictionFile(string path) : IDisposable
{
    /// <summary>Nine significant digits: what a single-precision probability needs to read back, and more than any calibration resolves.</summary>
    internal const string ProbabilityFormat = "G9";

    private readonly CsvOutput _output = new(path, ["asset", "time", "horizon_seconds", "probability", "state"]);

    /// <param name="time">As read from the input, see <see cref="RowOrder.TimeText"/>.</param>
    /// <param name="probability">0 to 1; written only when the state is ready, where it must not be NaN.</param>
    public void Write(string asset, ReadOnlySpan<char> time, TimeSpan horizon, double probability, PredictionState state)
    {
        if (state == PredictionState.Ready && probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "a ready prediction has a probability from 0 to 1");
        _output.Cell(asset);
        _output.Cell(time);
        _output.Cell(horizon.TotalSeconds);
        _output.Cell(state == PredictionState.Ready ? probability : double.NaN, ProbabilityFormat);
        _output.Cell(state.Text());
        _output.EndRow();
    }

    /// <summary>Puts the file in place.</summary>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}

/// <summary>Writes the true probabilities of a simulation as CSV, <c>asset,time,horizon_seconds,probability</c>.</summary>
public sealed class TruthFile(string path) : IDisposable
{
    private readonly CsvOutput _output = new(path, ["asset", "time", "horizon_seconds", "probability"]);

    public void Write(string asset, DateTimeOffset time, TimeSpan horizon, double probability)
    {
        _output.Cell(asset);
        _output.Cell(CsvTime.Text(time.UtcTicks));
        _output.Cell(horizon.TotalSeconds);
        _output.Cell(probability, PredictionFile.ProbabilityFormat);
        _output.EndRow();
    }

    /// <inheritdoc cref="PredictionFile.Commit"/>
    public void Commit() => _output.Commit();

    public void Dispose() => _output.Dispose();
}
