namespace ServiMon.Predict.Hazard;

/// <summary>A fitted model that ranks evidence by risk. What it gives is not yet a probability: see <see cref="ICalibration"/>.</summary>
public interface IRiskScore
{
    /// <summary>Columns of the evidence vector that it reads: the first this many.</summary>
    int Width { get; }

    /// <summary>Uncalibrated log-odds of the evidence (at least <see cref="Width"/> entries, NaN for missing). Pure, allocates nothing.</summary>
    double Score(ReadOnlySpan<float> evidence);
}
