using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Training as the demos do it.</summary>
internal static class DemoTraining
{
    /// <summary>The probability of failing within the longest horizon at which the demo raises an alarm: more likely than not.</summary>
    public const double AlarmThreshold = 0.5;

    /// <summary>Does work for each of several fleets, one on each core.</summary>
    public static Task Parallel(int count, CancellationToken stop, Func<int, Task> work) => System.Threading.Tasks.Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stop }, async (i, _) => await work(i));

    public static FittedModel Fit(TrainingRequest request, ProgressBars bars, CancellationToken stop) =>
        Trainer.Train(request, bars.For<TrainingProgress>(p => (p.Stage, p.Share)), stop);
}
