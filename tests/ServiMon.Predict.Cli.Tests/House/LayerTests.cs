using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ServiMon.Predict.House;

/// <summary>Dependencies point one way: Cli to Server and Training, these to Storage, that to the core.</summary>
public sealed partial class LayerTests
{
    /// <summary>How far from the core a project stands. A project may use those of a lower number only.</summary>
    private static readonly Dictionary<string, int> Layers = new()
    {
        ["ServiMon.Predict"] = 0,
        ["ServiMon.Predict.Storage"] = 1,
        ["ServiMon.Predict.Storage.Cassandra"] = 2,
        ["ServiMon.Predict.TimeSeries"] = 2,
        ["ServiMon.Predict.Training"] = 2,
        ["ServiMon.Predict.Server"] = 3,
        ["ServiMon.Predict.Cli"] = 4,
    };

    /// <summary>What the core must not touch: files, network, terminal, processes, clocks.</summary>
    private static readonly string[] Impure =
    [
        "System.Console", "System.TimeProvider", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process",
        "System.IO.File", "System.IO.FileInfo", "System.IO.FileStream", "System.IO.Directory", "System.IO.DirectoryInfo", "System.Threading.Timer",
    ];

    /// <summary>What the core may use of System.Environment: line ends, and what the compiler writes into iterators.</summary>
    private static readonly string[] PureEnvironment = ["get_NewLine", "get_CurrentManagedThreadId"];

    private static IEnumerable<string> SourceProjects => SourceTree.Projects.Where(p => p.StartsWith("src/", StringComparison.Ordinal));

    [Fact]
    public void Every_source_project_has_its_layer() => TidyTests.AssertNone("projects that the list of layers does not name",
        SourceProjects.Select(NameOf).Where(name => !Layers.ContainsKey(name)));

    [Fact]
    public void Project_references_point_to_lower_layers() => TidyTests.AssertNone("references that point back",
        from project in SourceProjects
        from reference in XDocument.Parse(SourceTree.Read(project)).Descendants("ProjectReference")
        let name = NameOf(reference.Attribute("Include")!.Value)
        where Layers.GetValueOrDefault(name, int.MaxValue) >= Layers[NameOf(project)]
        select $"{project}: {name}");

    [Fact]
    public void Compiled_references_point_to_lower_layers()
    {
        var built = Layers.Keys.Where(name => File.Exists(AssemblyFile(name))).ToList();

        TidyTests.AssertNone("projects whose assembly is not beside the tests", SourceProjects.Select(NameOf).Except(built));
        TidyTests.AssertNone("references that point back",
            from name in built
            from reference in References(name)
            let target = reference == "servimon" ? "ServiMon.Predict.Cli" : reference
            where target.StartsWith("ServiMon", StringComparison.Ordinal) && Layers.GetValueOrDefault(target, int.MaxValue) >= Layers[name]
            select $"{name}: {target}");
    }

    [Fact]
    public void The_core_does_no_input_or_output_and_reads_no_clock()
    {
        using var assembly = new PEReader(File.OpenRead(AssemblyFile("ServiMon.Predict")));
        var metadata = assembly.GetMetadataReader();
        var types = metadata.TypeReferences.Select(t => FullName(metadata, t)).ToList();
        var environment = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(m => m.Parent.Kind == HandleKind.TypeReference && FullName(metadata, (TypeReferenceHandle)m.Parent) == "System.Environment")
            .Select(m => metadata.GetString(m.Name));

        Assert.Contains("System.Math", types);
        TidyTests.AssertNone("types that the core must not use", types.Where(type => Impure.Contains(type)
            || type.StartsWith("System.Net.", StringComparison.Ordinal) || type.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)));
        TidyTests.AssertNone("members of System.Environment that the core must not use", environment.Except(PureEnvironment));
    }

    [Fact]
    public void Namespaces_follow_folders() => TidyTests.AssertNone("namespaces that are not the file's folder",
        from file in SourceTree.CodeFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal))
        let declared = Namespace().Match(SourceTree.Read(file)).Groups["name"].Value
        let expected = Path.GetDirectoryName(file)!["src/".Length..].Replace('\\', '.').Replace('/', '.')
        where declared.Length > 0 && declared != expected
        select $"{file}: {declared}, expected {expected}");

    [Fact]
    public void Interfaces_have_two_implementations()
    {
        var implementations = SourceTree.CodeFiles.SelectMany(f => BaseList().Matches(SourceTree.Read(f)))
            .SelectMany(m => TypeName().Matches(m.Groups["bases"].Value)).CountBy(m => m.Value).ToDictionary();

        TidyTests.AssertNone("interfaces with fewer than two implementations, fakes in tests counted",
            SourceTree.Types(SourceTree.CodeFiles.Where(f => f.StartsWith("src/", StringComparison.Ordinal)))
                .Where(t => InterfaceName().IsMatch(t.Name) && implementations.GetValueOrDefault(t.Name) < 2)
                .Select(t => $"{t.Where}: {t.Name}"));
    }

    private static string NameOf(string project) => Path.GetFileNameWithoutExtension(project);

    private static string AssemblyFile(string project) =>
        Path.Combine(AppContext.BaseDirectory, project == "ServiMon.Predict.Cli" ? "servimon.dll" : $"{project}.dll");

    private static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static List<string> References(string project)
    {
        using var assembly = new PEReader(File.OpenRead(AssemblyFile(project)));
        var metadata = assembly.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
    }

    [GeneratedRegex(@"(class|record|struct|interface)\s+\w+(<[^>{]*>)?\s*(\([^{;]*?\))?\s*:\s*(?<bases>[^{;]+)")]
    private static partial Regex BaseList();

    [GeneratedRegex(@"\bI[A-Z]\w*")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^I[A-Z]\w*$")]
    private static partial Regex InterfaceName();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
