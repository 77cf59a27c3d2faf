using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using ServiMon.Predict.Bench;

switch (args)
{
    case ["coverage", .. var rest]:
        IntervalCoverage.Run(rest, IntervalCoverage.Ours);
        break;
    case ["spectrum"]:
        SpectrumError.Run();
        break;
    case ["cpu-time"]:
        CpuTime.Run();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddColumn(StatisticColumn.OperationsPerSecond));
        break;
}
