using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.House;

/// <summary>What the README and the other documents say exists does exist, and what they say is missing is missing.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = SourceTree.Read("README.md");

    /// <summary>The verbs of the README's table, each with the options that its row names.</summary>
    public static TheoryData<string, string[]> Verbs()
    {
        var rows = new TheoryData<string, string[]>();
        foreach (Match row in VerbRow().Matches(VerbSection().Match(Readme).Value))
            rows.Add(row.Groups["verb"].Value, [.. Option().Matches(row.Value).Select(m => m.Value).Distinct()]);
        return rows;
    }

    /// <summary>Verbs that the README says are not built.</summary>
    private static IEnumerable<string> MissingVerbs() =>
        CodeSpan().Matches(NotBuilt().Match(Readme).Groups["verbs"].Value).Select(m => m.Groups["text"].Value);

    /// <summary>The lines of the README's console blocks that call servimon, by path or by dotnet run.</summary>
    public static TheoryData<string> Commands() => [.. ConsoleLines().Select(l => Servimon().Match(l)).Where(m => m.Success).Select(m => m.Groups["arguments"].Value)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_of_the_table_exists_with_its_options(string verb, string[] options)
    {
        Assert.True(await IsListed(verb), $"'servimon {Parent(verb)} --help' does not list {verb}");
        var help = await Help(verb);
        TidyTests.AssertNone($"options that 'servimon {verb} --help' does not name", options.Where(o => !help.Contains(o, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Verbs_that_are_not_built_are_not_listed()
    {
        foreach (var verb in MissingVerbs()) Assert.False(await IsListed(verb), $"servimon has '{verb}' now: the README's table should name it");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_of_the_examples_uses_options_that_exist(string arguments)
    {
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var verb = Verbs().Select(row => row.Data.Item1).FirstOrDefault(v => $"{arguments} ".StartsWith($"{v} ", StringComparison.Ordinal));

        Assert.True(verb is not null, $"the README's table has no verb for 'servimon {arguments}'");
        var help = await Help(verb);
        TidyTests.AssertNone($"options that 'servimon {verb} --help' does not name",
            words.Where(w => w.StartsWith("--", StringComparison.Ordinal) && !help.Contains(w, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_example_profile_is_valid()
    {
        await Help("profile check");
        var file = Path.Combine(Directory.CreateTempSubdirectory("servimon-readme-").FullName, "profile.yaml");
        await File.WriteAllTextAsync(file, YamlBlock().Match(Readme).Groups["text"].Value, TestContext.Current.CancellationToken);

        var (code, output) = await Run("profile", "check", file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Projects_named_in_commands_exist() => TidyTests.AssertNone("projects that do not exist",
        ConsoleLines().SelectMany(l => ProjectPath().Matches(l)).Select(m => m.Value).Where(p => !Directory.Exists(SourceTree.FullPath(p))));

    [Fact]
    public void The_test_command_stands_alone_on_a_line() => Assert.Single(ConsoleLines(), l => l.StartsWith("dotnet test", StringComparison.Ordinal));

    [Fact]
    public void Links_between_documents_lead_somewhere() => TidyTests.AssertNone("links to what does not exist",
        from file in SourceTree.TextFiles.Where(f => f.EndsWith(".md", StringComparison.Ordinal))
        from Match link in Link().Matches(SourceTree.Read(file))
        let target = Path.Combine(SourceTree.Root, Path.GetDirectoryName(file)!, link.Groups["target"].Value)
        where !Path.Exists(target)
        select $"{file}: {link.Groups["target"].Value}");

    private static IEnumerable<string> ConsoleLines() =>
        ConsoleBlock().Matches(Readme).SelectMany(m => m.Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static string Parent(string verb) => verb.Contains(' ') ? verb[..verb.IndexOf(' ')] : "";

    /// <summary>Whether the help of the verb's parent names it at the start of a line.</summary>
    private static async Task<bool> IsListed(string verb) =>
        (await Help(Parent(verb))).Split('\n').Any(line => line.TrimStart().Split(' ', '\r')[0] == verb.Split(' ')[^1]);

    private static async Task<string> Help(string verb)
    {
        var (code, output) = await Run([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.True(code == 0, $"'servimon {verb} --help' ends with {code}: {output}");
        Assert.SkipWhen(output.Length == 0, "the command line has no verbs yet");
        return output;
    }

    private static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "servimon.dll"), .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"^## Verbs\n.*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex VerbSection();

    [GeneratedRegex(@"^\| `(?<verb>[a-z]+( [a-z0-9]+)?)` \|.*$", RegexOptions.Multiline)]
    private static partial Regex VerbRow();

    [GeneratedRegex(@"--[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex(@"^Not built yet:(?<verbs>.*?)(\n\n|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NotBuilt();

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex("^```console\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"^(servimon|dotnet run .*ServiMon\.Predict\.Cli --) (?<arguments>.+)$")]
    private static partial Regex Servimon();

    [GeneratedRegex(@"\b(src|bench|tests)/[\w.]+")]
    private static partial Regex ProjectPath();

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)(?<target>[^)#\s]+)")]
    private static partial Regex Link();
}
