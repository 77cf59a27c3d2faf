using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using ServiMon.Predict.Bench;

switch (args)
{
    case ["coverage", .. var rest]:
        IntervalCoverage.Run(rest, IntervalCoverage.Ours);
        break;
    case ["calibration", .. var rest]:
        Calibration.Run(rest);
        break;
    case ["drift", .. var rest]:
        DriftTurns.Run(new BenchArguments(rest));
        break;
    case ["power", .. var rest]:
        Power.Run(new BenchArguments(rest));
        break;
    case ["breach", .. var rest]:
        BreachBias.Run(new BenchArguments(rest));
        break;
    case ["breach-cost", .. var rest]:
        BreachCost.Run(new BenchArguments(rest));
        break;
    case ["spectrum"]:
        SpectrumError.Run();
        break;
    case ["cpu-time", .. var counts]:
        CpuTime.Run(counts is [] ? [1, 2, 3, 5, 8, 20, 114] : [.. counts.Select(int.Parse)]);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddColumn(StatisticColumn.OperationsPerSecond));
        break;
}
