using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using ServiMon.Predict.Storage.Csv;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Training.Tests.Notebooks;

/// <summary>Runs every cell of every notebook, one after the other, on the code as it is now, and compares what comes out with what the notebook shows.</summary>
public sealed partial class NotebookTests
{
    /// <summary>Set to 1: the outputs are written into the notebooks instead.</summary>
    private const string WriteVariable = "SERVIMON_WRITE_NOTEBOOKS";

    /// <summary>The line by which a notebook says where the repository is: notebooks run in their own folder, tests do not.</summary>
    private const string RootLine = "var root = \"..\";";

    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "notebooks");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.ipynb").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_cell_gives_what_the_notebook_shows(string name)
    {
        var path = Path.Combine(Folder, name);
        var notebook = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        var isWriting = Environment.GetEnvironmentVariable(WriteVariable) == "1";
        ScriptState<object>? state = null;
        var count = 0;
        foreach (var cell in notebook["cells"]!.AsArray().Where(c => (string?)c!["cell_type"] == "code"))
        {
            NotebookDisplay.Begin();
            state = await RunAsync(state, string.Concat(cell!["source"]!.AsArray().Select(l => (string)l!)));
            if (state.ReturnValue is { } value) NotebookDisplay.Add("text/plain", $"{value}");
            count++;
            if (isWriting) (cell["execution_count"], cell["outputs"]) = (count, Outputs(NotebookDisplay.Shown));
            else Assert.Equal(Form(cell["outputs"]!.AsArray()), Form(Outputs(NotebookDisplay.Shown)));
        }
        Assert.NotEqual(0, count);
        if (isWriting) await File.WriteAllTextAsync(path, notebook.ToJsonString(Indented) + "\n", TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_assemblies_that_a_notebook_loads_are_made_by_the_build(string name)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, name), TestContext.Current.CancellationToken);
        var loaded = Reference().Matches(text).Select(m => m.Groups["project"].Value).ToList();
        Assert.NotEmpty(loaded);
        foreach (var project in loaded) Assert.True(File.Exists(Path.Combine(TestFiles.RepositoryRoot, "src", project, $"{project}.csproj")), project);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, IndentSize = 1, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static Task<ScriptState<object>> RunAsync(ScriptState<object>? state, string code)
    {
        code = ReferenceLine().Replace(code, "").Replace(RootLine, $"var root = @\"{TestFiles.RepositoryRoot}\";", StringComparison.Ordinal);
        if (state is not null) return state.ContinueWithAsync(code, cancellationToken: TestContext.Current.CancellationToken);
        // What a notebook loads by name are the very assemblies of this build here.
        var options = ScriptOptions.Default
            .WithReferences(typeof(Profiles.Profile).Assembly, typeof(SampleFile).Assembly, typeof(Trainer).Assembly, typeof(NotebookDisplay).Assembly, typeof(Enumerable).Assembly)
            .WithImports("System", "System.Linq", "System.Collections.Generic", typeof(NotebookDisplay).Namespace!);
        return CSharpScript.RunAsync(code, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static JsonArray Outputs(IEnumerable<(string Kind, string Text)> shown) =>
    [
        .. shown.Select(s => new JsonObject
        {
            ["data"] = new JsonObject { [s.Kind] = new JsonArray([.. s.Text.Split('\n').Select((l, i) => (JsonNode)(i == s.Text.Count(c => c == '\n') ? l : l + "\n"))]) },
            ["metadata"] = new JsonObject(),
            ["output_type"] = "display_data",
        }),
    ];

    /// <summary>
    /// The kinds of outputs, each with the words of its first line. Numbers differ in the last digits between machines, and with them what is just above a bar.
    /// </summary>
    private static string Form(JsonArray outputs) => string.Join('\n', outputs.SelectMany(o => o!["data"]!.AsObject())
        .Select(d => $"{d.Key}: {Spaces().Replace(Number().Replace(((string)d.Value!.AsArray()[0]!).TrimEnd('\n').Split('>')[0], "0"), " ")}"));

    [GeneratedRegex(@"[+-]?\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^#r .*$", RegexOptions.Multiline)]
    private static partial Regex ReferenceLine();

    [GeneratedRegex(@"#r \\""\.\./src/ServiMon\.Predict\.Cli/bin/Release/net10\.0/(?<project>[\w.]+)\.dll\\""")]
    private static partial Regex Reference();
}
