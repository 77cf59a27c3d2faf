namespace ServiMon.Predict.Bench;

/// <summary>
/// Series whose law is known: unit white noise, an autoregression of order one at 0.8, a random walk, a wave of 24 steps and amplitude 10 with unit noise,
/// a slope of 0.02 a step with unit noise. All innovations are unit normal, but for white noise and a walk by Student's t with three degrees of freedom, of unit variance too.
/// </summary>
internal static class KnownLaw
{
    public const string Noise = "noise";
    public const string Autoregression = "ar1";
    public const string Walk = "random-walk";
    public const string Seasonal = "seasonal";
    public const string Trend = "trend";
    public const string HeavyNoise = "heavy-noise";
    public const string HeavyWalk = "heavy-walk";

    private const double Persistence = 0.8;

    /// <summary>The same seed gives the same values; a longer series begins with the shorter.</summary>
    public static double[] Values(string kind, int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count];
        var last = Gaussian(random) / Math.Sqrt(1 - Persistence * Persistence);
        if (IsWalk(kind)) last = 0;
        for (var i = 0; i < count; i++) values[i] = last = Next(kind, i, last, Innovation(kind, random));
        return values;
    }

    /// <summary>The value of step <paramref name="i"/> after one of <paramref name="last"/>.</summary>
    public static double Next(string kind, int i, double last, double innovation) => Expected(kind, i, last) + innovation;

    /// <summary>What a limit is told relative to: the last value of a walk, the middle of all others where they stand after so many steps; a wave's is 0.</summary>
    public static double Centre(string kind, int count, double last) => kind is Seasonal ? 0 : Expected(kind, count - 1, IsWalk(kind) ? last : 0);

    /// <summary>Mean and standard deviation of the value so many steps after the last of <paramref name="values"/>, given them; for kinds with normal innovations.</summary>
    public static (double Mean, double Deviation) Given(string kind, double[] values, int steps)
    {
        if (kind is HeavyNoise or HeavyWalk) throw new ArgumentOutOfRangeException(nameof(kind), kind, "its innovations are not normal");
        var mean = values[^1];
        for (var h = 0; h < steps; h++) mean = Expected(kind, values.Length + h, mean);
        var square = Persistence * Persistence;
        return (mean, Math.Sqrt(kind switch { Walk => steps, Autoregression => (1 - Math.Pow(square, steps)) / (1 - square), _ => 1 }));
    }

    public static double Innovation(string kind, Random random)
    {
        if (kind is not (HeavyNoise or HeavyWalk)) return Gaussian(random);
        double top = Gaussian(random), square = 0;
        for (var i = 0; i < 3; i++) square += Math.Pow(Gaussian(random), 2);
        return top / Math.Sqrt(square);
    }

    private static bool IsWalk(string kind) => kind is Walk or HeavyWalk;

    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Expected(string kind, int i, double last) => kind switch
    {
        Noise or HeavyNoise => 0,
        Autoregression => Persistence * last,
        Walk or HeavyWalk => last,
        Seasonal => 10 * Math.Sin(2 * Math.PI * i / 24),
        Trend => 0.02 * i,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, $"known are {Noise}, {Autoregression}, {Walk}, {Seasonal}, {Trend}, {HeavyNoise} and {HeavyWalk}"),
    };
}
