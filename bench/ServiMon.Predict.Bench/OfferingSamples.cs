using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One live sample onto the grid of its asset: <see cref="FrameAssembler.Offer"/>, and <see cref="FrameAssembler.TryTake"/> for the steps
/// that close, one for each 20 samples. 500 assets in turn.
/// </summary>
/// <remarks>Inside: both, and reading the sample. Outside: making the samples; in disorder they come up to two steps late.</remarks>
[MemoryDiagnoser]
public class OfferingSamples
{
    private const int AssetCount = 500;
    private const int MetricCount = 20;
    private const int StepCount = 20;
    private const int SampleCount = MetricCount * StepCount;

    private readonly (int Metric, long Ticks, double Value)[] samples = new (int, long, double)[SampleCount];
    private FrameAssembler[] assemblers = [];
    private long start;
    private long passTicks;

    [Params(false, true)]
    public bool InDisorder { get; set; }

    [GlobalSetup]
    public void MakeSamples()
    {
        var profile = BenchFleet.ProfileOf(MetricCount);
        var random = new Random(1);
        passTicks = StepCount * profile.Step.Ticks;
        for (var i = 0; i < SampleCount; i++) samples[i] = (i % MetricCount, i / MetricCount * profile.Step.Ticks, random.NextDouble());
        if (InDisorder)
        {
            var arrival = samples.Select(s => s.Ticks + random.NextInt64(profile.Lateness.Ticks)).ToArray();
            Array.Sort(arrival, samples);
        }
        assemblers = [.. Enumerable.Range(0, AssetCount).Select(_ => new FrameAssembler(profile))];
        Offer();
    }

    [Benchmark(OperationsPerInvoke = AssetCount * SampleCount)]
    public double Offer()
    {
        var sum = 0.0;
        foreach (var assembler in assemblers)
            foreach (var (metric, ticks, value) in samples)
            {
                assembler.Offer(metric, start + ticks, value);
                while (assembler.TryTake(all: false, out var frame)) sum += frame.Values[0];
            }
        start += passTicks;
        return sum;
    }
}
