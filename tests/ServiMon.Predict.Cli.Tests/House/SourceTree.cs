using System.Text.RegularExpressions;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.House;

/// <summary>A type as its source declares it.</summary>
/// <param name="Where">File and line, for messages.</param>
internal sealed record TypeDeclaration(string Project, string Where, string Name, bool IsPublic, bool HasDocumentation);

/// <summary>The repository's own files, by paths relative to its root with forward slashes. Build output is not among them.</summary>
internal static partial class SourceTree
{
    private static readonly string[] Folders = [".ci", "bench", "deploy", "docs", "models", "notebooks", "protos", "src", "tests"];

    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".yaml", ".yml", ".json", ".proto", ".py", ".sh", ".txt", ".csv", ".ipynb", ""];

    public static string Root => TestFiles.RepositoryRoot;

    /// <summary>Every text file, ours and generated lock files alike.</summary>
    public static IReadOnlyList<string> TextFiles { get; } = FindFiles();

    public static IEnumerable<string> CodeFiles => TextFiles.Where(f => f.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<string> Projects => TextFiles.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    public static string FullPath(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(FullPath(file));

    public static string[] ReadLines(string file) => File.ReadAllLines(FullPath(file));

    /// <summary>The folder below src, tests or bench that a file belongs to.</summary>
    public static string ProjectOf(string file) => string.Join('/', file.Split('/').Take(2));

    /// <summary>Type declarations in the given files. A line of a raw string that looks like one counts as one.</summary>
    public static IEnumerable<TypeDeclaration> Types(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            var lines = ReadLines(file);
            for (var i = 0; i < lines.Length; i++)
            {
                var match = Declaration().Match(lines[i]);
                if (!match.Success) continue;
                yield return new TypeDeclaration(ProjectOf(file), $"{file}:{i + 1}", match.Groups["name"].Value,
                    match.Groups["modifiers"].Value.Contains("public", StringComparison.Ordinal), IsDocumented(lines, i));
            }
        }
    }

    private static bool IsDocumented(string[] lines, int declaration)
    {
        var above = declaration - 1;
        while (above >= 0 && lines[above].TrimStart().StartsWith('[')) above--;
        return above >= 0 && lines[above].TrimStart().StartsWith("///", StringComparison.Ordinal);
    }

    private static List<string> FindFiles()
    {
        var files = new List<string>(Directory.EnumerateFiles(Root));
        foreach (var folder in Folders.Select(f => Path.Combine(Root, f)).Where(Directory.Exists)) Collect(folder, files);
        return [.. files
            .Where(f => TextExtensions.Contains(Path.GetExtension(f)))
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => f != ".git")
            .Order(StringComparer.Ordinal)];
    }

    private static void Collect(string folder, List<string> files)
    {
        if (Path.GetFileName(folder) is "bin" or "obj" or "TestResults" or "BenchmarkDotNet.Artifacts") return;
        files.AddRange(Directory.EnumerateFiles(folder));
        foreach (var child in Directory.EnumerateDirectories(folder)) Collect(child, files);
    }

    [GeneratedRegex(@"^\s*(?<modifiers>((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe|new)\s+)*)" +
        @"(record\s+struct|record\s+class|record|class|struct|interface|enum|delegate\s+[\w<>\[\]?,. ]+?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();
}
