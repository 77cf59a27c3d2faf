using System.CommandLine;
using ServiMon.Predict.Cli.Evaluate;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon evaluate BENCHMARK</c>: public benchmarks by their own rules, one subcommand each.</summary>
internal static class EvaluateVerb
{
    public static Command Create() => new("evaluate", "Score the program on public benchmarks, by their own rules")
    {
        DetectionBenchmarkVerbs.Nab(), DetectionBenchmarkVerbs.Events(), M4Verb.Create(),
    };
}
