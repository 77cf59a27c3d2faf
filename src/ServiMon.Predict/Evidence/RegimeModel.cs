namespace ServiMon.Predict.Evidence;

/// <summary>
/// Operating regimes found in the driver metrics, with the mean and standard deviation of every metric in each. Fitted on training
/// history; applied by standardising a metric's value by the regime that the drivers are in.
/// </summary>
/// <param name="Drivers">Metric indices of the D drivers.</param>
/// <param name="DriverScale">D scales that driver distances are divided by.</param>
/// <param name="Centres">R x D regime centres, row-major, in the drivers' units after rate and scale.</param>
/// <param name="Means">R x K means of the metrics' lane values (after rate and signed logarithm).</param>
/// <param name="Spreads">R x K standard deviations, each at least the fit's floor.</param>
public sealed record RegimeModel(int[] Drivers, double[] DriverScale, double[] Centres, double[] Means, double[] Spreads)
{
    public int Count => Centres.Length / Drivers.Length;

    /// <summary>The nearest regime, or -1 when a driver is missing.</summary>
    /// <param name="values">K values of the metrics after rate and scale, before the logarithm.</param>
    public int RegimeOf(ReadOnlySpan<double> values)
    {
        var best = -1;
        var bestDistance = double.PositiveInfinity;
        for (var r = 0; r < Count; r++)
        {
            double distance = 0;
            for (var d = 0; d < Drivers.Length; d++)
            {
                var difference = (values[Drivers[d]] - Centres[r * Drivers.Length + d]) / DriverScale[d];
                distance += difference * difference;
            }
            if (distance < bestDistance)
            {
                bestDistance = distance;
                best = r;
            }
        }
        return best;
    }
}
