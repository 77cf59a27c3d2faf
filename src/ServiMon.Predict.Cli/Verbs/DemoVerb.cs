using System.CommandLine;
using ServiMon.Predict.Cli.Demo;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon demo</c>: history, training and live scoring on this machine, nothing else needed.</summary>
internal static class DemoVerb
{
    private static readonly Option<TimeSpan?> For = OptionKinds.Span("--for", "End this long after the start, with a summary");
    private static readonly Option<bool> Recorded = OptionKinds.Flag("--recorded", "Replay real recorded Kafka and Cassandra runs instead of the simulation");

    public static Command Create()
    {
        var command = new Command("demo", "See it work: a fleet is learned from its past, then predicted live in a table") { For, Recorded };
        VerbRun.Bind(command, run => new DemoRun(run, TimeProvider.System, run.Value(For)).RunAsync(run.Value(Recorded) ? RecordedDemo.PrepareAsync : SimulatedDemo.PrepareAsync));
        return command;
    }
}
