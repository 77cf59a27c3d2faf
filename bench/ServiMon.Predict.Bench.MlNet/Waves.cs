namespace ServiMon.Predict.Bench.MlNet;

/// <summary>A series with a season of 24 steps and unit noise.</summary>
internal static class Waves
{
    public const int Season = 24;

    /// <summary>10 sin(2 pi t / 24) + 4 sin(2 pi t / 168) + noise, t from 0.</summary>
    public static double[] Series(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(t => 10 * Math.Sin(2 * Math.PI * t / Season) + 4 * Math.Sin(2 * Math.PI * t / (7 * Season)) + Noise(random))];
    }

    private static double Noise(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
