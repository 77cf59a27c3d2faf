using System.CommandLine;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Scheduling;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon serve</c>: the live service, from configuration.</summary>
internal static class ServeVerb
{
    private static readonly Option<bool> Check = OptionKinds.Flag("--check", "Check the configuration and end");

    private static readonly Option<string?> Role = OptionKinds.OneOf("--role", "What this instance does; several share a store [default: all]", ServiceRoles.Names);

    public static Command Create()
    {
        var serve = new Command("serve", "Score live: Kafka in, failure probabilities out") { Role, Check };
        VerbRun.Bind(serve, RunAsync);
        return serve;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var (options, profiles) = Read(run);
        if (run.Value(Role) is { } chosen && ServiceRoles.TryParse(chosen, out var role)) options = options with { Role = role };
        if (run.Value(Check))
        {
            if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Valid = true, Role = options.Role.Text(), Profiles = profiles.Select(p => p.Name) }));
            else run.Note($"the configuration is valid; it serves {string.Join(", ", profiles.Select(p => p.Name))} in the role {options.Role.Text()}");
            return;
        }
        PredictService.CheckPorts(options);
        using var store = await ChosenStore.OpenOrMakeAsync(run.Settings, run.Stop);
        using var loggers = ServiceLoggers.ToStandardError(LogLevel.Information);
        await PredictService.RunAsync(options with { Checkpoints = run.Settings.Checkpoints }, profiles, store, TimeProvider.System, loggers,
            addresses => run.Note($"serving {string.Join(", ", profiles.Select(p => p.Name))} in the role {options.Role.Text()}: metrics at {addresses[0]}/metrics, health at {addresses[0]}/health, gRPC at {addresses[1]}"), run.Stop);
    }

    /// <summary>Everything that is wrong with the options and with the profiles that they name.</summary>
    private static (ServiceOptions, IReadOnlyList<Profile>) Read(VerbRun run)
    {
        var wrong = new InputProblems();
        wrong.Try(() => ChosenStore.Check(run.Settings));
        var options = wrong.Try(() => ServiceOptionsReader.Read(run.Parsed.GetValue(GlobalOptions.Config), Environment.GetEnvironmentVariables()));
        wrong.ThrowIfAny();
        var problems = new List<Problem>();
        var profiles = new List<Profile>();
        foreach (var name in options!.Profiles)
            try
            {
                profiles.Add(ProfileFiles.Read(name, "profiles"));
            }
            catch (InputException e)
            {
                problems.AddRange(e.Problems);
            }
        foreach (var twice in profiles.GroupBy(p => p.Name).Where(g => g.Count() > 1))
            problems.Add(new Problem("profiles", $"names profile '{twice.Key}' {twice.Count()} times; allowed: once"));
        foreach (var topic in options.Kafka?.Topics ?? [])
            if (topic.Profile is { } bound && problems.Count == 0 && profiles.All(p => p.Name != bound))
                problems.Add(new Problem("kafka.topics", $"topic '{topic.Topic}' is for profile '{bound}', which is not served{Spelling.Hint(bound, profiles.Select(p => p.Name))}"));
        if (problems.Count == 0) problems.AddRange(RetrainingSchedule.Check(options.Schedules, [.. profiles.Select(p => p.Name)], TimeProvider.System.GetUtcNow()));
        if (problems.Count == 0) problems.AddRange(options.Retention.Check(profiles));
        return problems.Count == 0 ? (options, profiles) : throw new InputException(problems);
    }
}
