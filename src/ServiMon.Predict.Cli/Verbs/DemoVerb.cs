using System.CommandLine;
using ServiMon.Predict.Cli.Demo;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon demo</c>: broker, history, training and the live service in this process; nothing else needed.</summary>
internal static class DemoVerb
{
    private static readonly Option<TimeSpan?> For = OptionKinds.Span("--for", "End this long after the start, with a summary");
    private static readonly Option<bool> Recorded = OptionKinds.Flag("--recorded", "Replay real recorded Kafka and Cassandra runs instead of the simulation");

    public static Command Create()
    {
        var command = new Command("demo", "See it work: a fleet is learned from its past, then predicted live from Kafka, in a table, over gRPC and on /metrics") { For, Recorded };
        VerbRun.Bind(command, run => new DemoRun(run, TimeProvider.System, run.Value(For)).RunAsync(run.Value(Recorded) ? RecordedDemo.WriteAsync : SimulatedDemo.WriteAsync));
        return command;
    }
}
