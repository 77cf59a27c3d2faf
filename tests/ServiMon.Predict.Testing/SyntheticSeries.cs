namespace ServiMon.Predict.Testing;

/// <summary>Series whose law is known, for tests of calibration and coverage. The same seed gives the same values.</summary>
public static class SyntheticSeries
{
    public static readonly string[] CleanKinds = ["gaussian", "heavy-tailed", "skewed", "ar1", "seasonal"];

    /// <summary>n values: unit Gaussian, Student t(3), exponential, AR(1) at 0.8, a sine of 24 steps and amplitude 10 plus noise, random walk.</summary>
    public static double[] Make(string kind, int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count];
        double state = Gaussian(random) / 0.6, walk = 0;
        for (var i = 0; i < count; i++)
        {
            var noise = Gaussian(random);
            state = 0.8 * state + noise;
            walk += noise;
            values[i] = kind switch
            {
                "gaussian" => noise,
                "heavy-tailed" => noise / Math.Sqrt(ChiSquare(random, 3) / 3),
                "skewed" => -Math.Log(1 - random.NextDouble()),
                "ar1" => state,
                "seasonal" => 10 * Math.Sin(2 * Math.PI * i / 24) + noise,
                "random-walk" => walk,
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind of synthetic series"),
            };
        }

        return values;
    }

    /// <summary>Times of n even steps from 2024-01-01T00:00:00Z on.</summary>
    public static long[] Ticks(int count, TimeSpan step)
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        return [.. Enumerable.Range(0, count).Select(i => start + i * step.Ticks)];
    }

    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double ChiSquare(Random random, int freedom)
    {
        var sum = 0.0;
        for (var i = 0; i < freedom; i++) sum += Math.Pow(Gaussian(random), 2);
        return sum;
    }
}
