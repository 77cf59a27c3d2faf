namespace ServiMon.Predict.Bench;

/// <summary>Series without anomalies whose law is known, in units of their noise. The same seed gives the same values.</summary>
internal static class CleanSeries
{
    /// <summary>Amplitude of the seasons, in deviations of the noise.</summary>
    private const double Amplitude = 10;

    public static readonly string[] Laws =
    [
        "Gaussian", "Student t(3)", "exponential", "AR(1) at .8", "sine over 24 rows", "sine over a day", "uniform",
        "lognormal", "Laplace", "gamma(2)", "bimodal", "AR(1) at .95", "season x noise", "Poisson(5)",
    ];

    /// <summary>n values of a law; for the seasons of a day, at so many rows a day.</summary>
    public static double[] Make(string law, int count, double rowsPerDay, int seed)
    {
        var random = new Random(seed);
        var state = 0.0;
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var day = Math.Sin(2 * Math.PI * i / rowsPerDay);
            values[i] = law switch
            {
                "Gaussian" => Gaussian(random),
                "Student t(3)" => Gaussian(random) / Math.Sqrt((Square(random) + Square(random) + Square(random)) / 3),
                "exponential" => Exponential(random),
                "AR(1) at .8" => Autoregressive(random, 0.8, i, ref state),
                "sine over 24 rows" => Amplitude * Math.Sin(2 * Math.PI * i / 24) + Gaussian(random),
                "sine over a day" => Amplitude * day + Gaussian(random),
                "uniform" => random.NextDouble(),
                "lognormal" => Math.Exp(Gaussian(random)),
                "Laplace" => Exponential(random) * (random.Next(2) * 2 - 1),
                "gamma(2)" => Exponential(random) + Exponential(random),
                "bimodal" => Gaussian(random) + 3 * (random.Next(2) * 2 - 1),
                "AR(1) at .95" => Autoregressive(random, 0.95, i, ref state),
                "season x noise" => (2 + day) * Math.Exp(0.2 * Gaussian(random)),
                "Poisson(5)" => Poisson(random, 5),
                _ => throw new ArgumentOutOfRangeException(nameof(law), law, "not a law"),
            };
        }

        return values;
    }

    /// <summary>The first value has the variance of all.</summary>
    private static double Autoregressive(Random random, double memory, int i, ref double state) =>
        state = memory * state + Gaussian(random) * (i == 0 ? 1 / Math.Sqrt(1 - memory * memory) : 1);

    private static double Gaussian(Random random) =>
        Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Square(Random random) => Math.Pow(Gaussian(random), 2);

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());

    /// <summary>Arrivals within a time of one at a rate: exponential waits.</summary>
    private static int Poisson(Random random, double rate)
    {
        var arrivals = 0;
        for (var time = Exponential(random); time < rate; time += Exponential(random)) arrivals++;
        return arrivals;
    }
}
