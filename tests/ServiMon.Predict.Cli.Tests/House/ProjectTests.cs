using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ServiMon.Predict.House;

/// <summary>Projects, package versions and lock files agree with each other.</summary>
public sealed partial class ProjectTests
{
    /// <summary>Test folders that mirror no source folder, each with the reason.</summary>
    private static readonly Dictionary<string, string> HouseFolders = new()
    {
        ["tests/ServiMon.Predict.Cli.Tests/House"] = "rules for the whole repository; here because this project sees every assembly",
        ["tests/ServiMon.Predict.Cli.Tests/Stack"] = "what is deployed: Prometheus rules, dashboards and containers, tried on the running program",
        ["tests/ServiMon.Predict.Training.Tests/Notebooks"] = "the notebooks, which belong to no project",
    };

    /// <summary>A source folder with fewer lines than this holds a few declarations, which leave nothing to test by themselves.</summary>
    private const int UntestedLines = 100;

    private static readonly Dictionary<string, string> CentralVersions = XDocument.Parse(SourceTree.Read("Directory.Packages.props"))
        .Descendants("PackageVersion").ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value);

    [Fact]
    public void The_solution_lists_every_project_and_no_other()
    {
        var listed = SolutionProject().Matches(SourceTree.Read("ServiMon.Predict.sln")).Select(m => m.Groups["path"].Value.Replace('\\', '/'));

        Assert.Equal(SourceTree.Projects.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_versions_are_exact() => TidyTests.AssertNone("versions that are not one exact version",
        CentralVersions.Where(p => !ExactVersion().IsMatch(p.Value)).Select(p => $"{p.Key}: {p.Value}"));

    [Fact]
    public void Package_versions_stand_in_one_place() => TidyTests.AssertNone("references with a version of their own, or with none",
        from file in SourceTree.Projects.Concat(SourceTree.TextFiles.Where(f => f.EndsWith(".props", StringComparison.Ordinal)))
        from package in XDocument.Parse(SourceTree.Read(file)).Descendants("PackageReference")
        let name = package.Attribute("Include")!.Value
        where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null || !CentralVersions.ContainsKey(name)
        select $"{file}: {name}");

    [Fact]
    public void Every_project_has_a_lock_file_with_the_central_versions()
    {
        foreach (var project in SourceTree.Projects)
        {
            var file = $"{Path.GetDirectoryName(project)}/packages.lock.json";
            Assert.True(File.Exists(SourceTree.FullPath(file)), $"{file} is missing");
            using var json = JsonDocument.Parse(SourceTree.Read(file));
            var direct = json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject())
                .Where(p => p.Value.GetProperty("type").GetString() == "Direct").ToList();
            Assert.NotEmpty(direct);
            TidyTests.AssertNone($"{file}: versions that are not the central ones", direct
                .Where(p => p.Value.GetProperty("requested").GetString() != $"[{CentralVersions.GetValueOrDefault(p.Name)}, )")
                .Select(p => p.Name));
        }
    }

    [Fact]
    public void Test_folders_mirror_source_folders() =>
        TidyTests.AssertNone("test folders without their source folder", TestedFolders().Except(SourceFolders()));

    [Fact]
    public void Source_folders_have_tests() => TidyTests.AssertNone("source folders without tests",
        SourceFolders().Except(TestedFolders()).Where(f => LinesIn($"src/{f}") >= UntestedLines));

    private static IEnumerable<string> SourceFolders() => CodeFolders("src/").Select(f => f["src/".Length..]).Where(f => f.Contains('/'));

    private static IEnumerable<string> TestedFolders() => CodeFolders("tests/")
        .Where(f => f.Contains(".Tests/", StringComparison.Ordinal) && !HouseFolders.ContainsKey(f))
        .Select(f => f["tests/".Length..].Replace(".Tests/", "/", StringComparison.Ordinal));

    private static int LinesIn(string folder) =>
        SourceTree.CodeFiles.Where(f => Path.GetDirectoryName(f)!.Replace('\\', '/') == folder).Sum(f => SourceTree.ReadLines(f).Length);

    private static IEnumerable<string> CodeFolders(string top) => SourceTree.CodeFiles
        .Where(f => f.StartsWith(top, StringComparison.Ordinal)).Select(f => Path.GetDirectoryName(f)!.Replace('\\', '/')).Distinct();

    [GeneratedRegex("""= "[^"]+", "(?<path>[^"]+\.csproj)",""")]
    private static partial Regex SolutionProject();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$")]
    private static partial Regex ExactVersion();
}
