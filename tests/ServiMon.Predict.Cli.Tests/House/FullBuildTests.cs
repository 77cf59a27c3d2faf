using System.Xml.Linq;

namespace ServiMon.Predict.House;

/// <summary>The full build adds two projects and their packages, and the embedded build never asks for either.</summary>
public sealed class FullBuildTests
{
    /// <summary>Projects that are empty in the embedded build, each with the package that only the full build has.</summary>
    public static TheoryData<string, string> Parts() => new()
    {
        { "ServiMon.Predict.Storage.Cassandra", "CassandraCSharpDriver" },
        { "ServiMon.Predict.TimeSeries", "Microsoft.ML.TimeSeries" },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_is_in_the_solution_with_its_tests_and_is_empty_without_Full(string part, string package)
    {
        Assert.Contains($"src/{part}/{part}.csproj", SourceTree.Projects);
        Assert.Contains($"tests/{part}.Tests/{part}.Tests.csproj", SourceTree.Projects);
        var project = XDocument.Parse(SourceTree.Read($"src/{part}/{part}.csproj"));

        Assert.Equal("'$(Full)' != 'true'", project.Descendants("EnableDefaultItems").Single(e => e.Value == "false").Parent!.Attribute("Condition")!.Value);
        Assert.All(project.Descendants("PackageReference"), p => Assert.Equal("'$(Full)' == 'true'", p.Parent!.Attribute("Condition")?.Value));
        Assert.Contains(package, project.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value));
        Assert.Contains(SourceTree.CodeFiles, f => f.StartsWith($"src/{part}/", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_package_of_the_full_build_is_pinned_and_in_no_lock_file_and_no_other_project(string part, string package)
    {
        Assert.Single(XDocument.Parse(SourceTree.Read("Directory.Packages.props")).Descendants("PackageVersion"), p => p.Attribute("Include")!.Value == package);
        TidyTests.AssertNone("lock files that name it", SourceTree.TextFiles.Where(f => f.EndsWith("packages.lock.json", StringComparison.Ordinal))
            .Where(f => SourceTree.Read(f).Contains(package, StringComparison.OrdinalIgnoreCase)));
        TidyTests.AssertNone("other projects that ask for it", SourceTree.Projects.Where(p => p != $"src/{part}/{part}.csproj")
            .Where(p => SourceTree.Read(p).Contains($"\"{package}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void One_file_of_code_knows_of_the_two_builds() => Assert.Equal(["src/ServiMon.Predict.Cli/OptionalParts.cs"],
        SourceTree.CodeFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && SourceTree.ReadLines(f).Any(line => line.StartsWith("#if FULL", StringComparison.Ordinal))));

    [Fact]
    public void The_full_build_keeps_no_lock_file()
    {
        var properties = XDocument.Parse(SourceTree.Read("Directory.Build.props"));
        Assert.Equal("'$(Full)' != 'true'", properties.Descendants("RestorePackagesWithLockFile").Single().Attribute("Condition")!.Value);
        Assert.Equal("'$(Full)' == 'true'", properties.Descendants("NuGetLockFilePath").Single().Attribute("Condition")!.Value);
    }
}
