using System.CommandLine;
using System.CommandLine.Parsing;
using ServiMon.Predict.Cli.Verbs;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli;

/// <summary>The command line as a whole: which verbs there are and what wrong usage looks like.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            PrintUsageErrors(parsed);
            return ExitCode.WrongInput;
        }
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("""
            For every asset (a Kafka broker, a Cassandra node, a host, a telescope drive) the calibrated probability that it fails within
            each horizon, with the reason, early enough to act on. Start with: servimon demo --recorded
            """)
        {
            GlobalOptions.Config, GlobalOptions.Store, GlobalOptions.Json, GlobalOptions.Seed,
        };
        foreach (var verb in new[]
        {
            DemoVerb.Create(), ServeVerb.Create(), BacktestVerb.Create(), TrainVerb.Create(), ImportVerb.Create(), DetectVerb.Create(), ForecastVerb.Create(),
            EvaluateVerb.Create(), SimulateVerb.Create(), ProfileVerbs.Create(), ModelsVerbs.Create(), PredictVerb.Create(), ExportVerb.Create(), AssetVerbs.Create(),
            BackupVerbs.Backup(), BackupVerbs.Restore(), BackupVerbs.Retain(),
        })
            root.Add(verb);
        return root;
    }

    /// <summary>One line for each thing that is wrong, then where to read on; nothing else.</summary>
    private static void PrintUsageErrors(ParseResult parsed)
    {
        var unknown = parsed.UnmatchedTokens;
        // What follows an unknown option is its value, not one more mistake.
        foreach (var token in unknown.Where((t, i) => t.StartsWith('-') || i == 0 || !unknown[i - 1].StartsWith('-')).Distinct())
            Console.Error.WriteLine($"servimon: {token}: {UnknownToken(parsed, token)}");
        // With a name misspelt, what seems to be missing is a consequence.
        var followUps = unknown.Count > 0 ? [] : parsed.Errors.Select(e => e.Message).Distinct();
        foreach (var message in followUps) Console.Error.WriteLine($"servimon: {Reworded(message)}");
        Console.Error.WriteLine($"servimon: see '{PathOf(parsed.CommandResult)} --help'");
    }

    private static string UnknownToken(ParseResult parsed, string token)
    {
        var command = parsed.CommandResult.Command;
        var isOption = token.StartsWith('-');
        var names = isOption
            ? command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive)).Where(o => !o.Hidden).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        return $"unknown {(isOption ? "option" : command.Subcommands.Any() ? "verb" : "argument")}{Spelling.Hint(token, names)}";
    }

    private static string Reworded(string message) =>
        message.StartsWith("Required command", StringComparison.Ordinal) ? "a verb is missing" : message;

    internal static string PathOf(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is CommandResult command; at = command.Parent)
            names.Push(at.Parent is null ? "servimon" : command.Command.Name);
        return string.Join(' ', names);
    }
}
