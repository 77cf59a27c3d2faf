using System.CommandLine;
using ServiMon.Predict.Cli.Configuration;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli;

/// <summary>What one run of a verb has at hand, and what becomes of its failures.</summary>
internal sealed class VerbRun
{
    private VerbRun(ParseResult parsed, Settings settings, CancellationToken stop)
    {
        Parsed = parsed;
        Settings = settings;
        Stop = stop;
        Json = parsed.GetValue(GlobalOptions.Json);
    }

    public ParseResult Parsed { get; }

    public Settings Settings { get; }

    /// <summary>True when standard output is for machines.</summary>
    public bool Json { get; }

    /// <summary>Cancelled by Ctrl-C or SIGTERM.</summary>
    public CancellationToken Stop { get; }

    public TextWriter Out => Console.Out;

    /// <summary>True when a person looks at a terminal: only then are bars and colours drawn.</summary>
    public bool IsInteractive => !Json && !Console.IsOutputRedirected && !Console.IsErrorRedirected;

    public T? Value<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The value of an option that the parser has made sure is there.</summary>
    public T Required<T>(Option<T> option) => Parsed.GetRequiredValue(option);

    /// <summary>A line for people, beside the result: on standard output unless that is for machines.</summary>
    public void Note(string line) => (Json ? Console.Error : Console.Out).WriteLine(line);

    /// <summary>Does long work with progress bars when someone is looking.</summary>
    public Task<T> WithProgress<T>(Func<ProgressBars, Task<T>> work) => ProgressBars.Around(IsInteractive, work);

    /// <summary>Makes <paramref name="work"/> what the verb does.</summary>
    public static void Bind(Command command, Func<VerbRun, Task> work) =>
        command.SetAction((parsed, _) => ExecuteAsync(parsed, work));

    private static async Task<int> ExecuteAsync(ParseResult parsed, Func<VerbRun, Task> work)
    {
        using var signals = new StopSignals();
        try
        {
            var settings = SettingsReader.Read(
                parsed.GetValue(GlobalOptions.Config), Environment.GetEnvironmentVariables(),
                new SettingsChoice(parsed.GetValue(GlobalOptions.Store), parsed.GetValue(GlobalOptions.Seed)));
            var run = new VerbRun(parsed, settings, signals.Token);
            await Task.Run(() => work(run), CancellationToken.None);
            return ExitCode.Done;
        }
        catch (InputException e)
        {
            foreach (var problem in e.Problems) Console.Error.WriteLine($"servimon: {problem}");
            if (e.Problems.Any(p => p.Where.StartsWith("--", StringComparison.Ordinal)))
                Console.Error.WriteLine($"servimon: see '{CommandLine.PathOf(parsed.CommandResult)} --help'");
            return ExitCode.WrongInput;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            Console.Error.WriteLine("servimon: stopped before the end");
            return signals.ExitCode;
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            Console.Error.WriteLine($"servimon: {e.Message}");
            return ExitCode.WrongInput;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException)
        {
            Console.Error.WriteLine($"servimon: {e.Message}");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"servimon: this should not happen, please report it: {e}");
            return ExitCode.Failed;
        }
    }
}
