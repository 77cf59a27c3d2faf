using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

public class DegradationTests
{
    public static TheoryData<Degradation> Processes =>
        [new GammaDegradation(14, 0.2), new WienerDegradation(9, 0.35), new ShockDegradation(16, 0.3)];

    /// <summary>
    /// Mean and variance of the increment over 0.2 hours far below the level: t / M for the mean of the gamma and Wiener processes,
    /// (1 + b) t / M of the shocks; variance spread^2 t / M, for the shocks rate x 2 b^2.
    /// </summary>
    [Theory]
    [MemberData(nameof(Processes))]
    public void Increments_have_their_mean_and_variance(Degradation process)
    {
        const int count = 200_000;
        const double hours = 0.2;
        var random = new RandomStream(3, "increments");
        double sum = 0, squares = 0, fourths = 0;
        for (var i = 0; i < count; i++)
        {
            var x = process.Advance(-50, hours, random) + 50;
            sum += x;
            squares += x * x;
            fourths += x * x * x * x;
        }
        var jump = process is ShockDegradation ? process.Spread * process.Spread / 2 : 0;
        var mean = hours / process.MeanHours * (1 + jump);
        var variance = process.Spread * process.Spread * hours / process.MeanHours * (1 + jump);
        Assert.Equal(mean, sum / count, 5 * Math.Sqrt(variance / count));
        var second = variance + mean * mean;
        Assert.Equal(second, squares / count, 5 * Math.Sqrt((fourths / count - second * second) / count));
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void Paths_fail_as_often_as_the_survival_law_says(Degradation process)
    {
        const int count = 20_000;
        const double step = 0.5;
        const double start = 0.3;
        int[] checkpoints = [2, 6, 12, 20, 32];
        var failed = new int[checkpoints.Length];
        var random = new RandomStream(5, "paths");
        for (var i = 0; i < count; i++)
        {
            var level = start;
            var steps = 0;
            while (level < 1 && steps <= checkpoints[^1])
            {
                level = process.Advance(level, step, random);
                steps++;
            }
            for (var c = 0; c < checkpoints.Length; c++)
                if (level >= 1 && steps <= checkpoints[c]) failed[c]++;
        }
        for (var c = 0; c < checkpoints.Length; c++)
        {
            var expected = 1 - process.Survival(1 - start, checkpoints[c] * step);
            var error = Math.Sqrt(Math.Max(expected * (1 - expected), 1.0 / count) / count);
            Assert.Equal(expected, (double)failed[c] / count, 4.5 * error);
        }
    }

    [Theory]
    [MemberData(nameof(Processes))]
    public void A_faster_process_fails_sooner(Degradation process)
    {
        var fast = process.Faster(2);
        foreach (var hours in new[] { 2.0, 5, 10 })
            Assert.Equal(process.Survival(1, 2 * hours), fast.Survival(1, hours), 1e-12);
    }
}
