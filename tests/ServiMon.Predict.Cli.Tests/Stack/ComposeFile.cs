using System.Text.RegularExpressions;
using ServiMon.Predict.House;
using YamlDotNet.RepresentationModel;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>docker-compose.yml, with its anchors merged.</summary>
internal sealed partial class ComposeFile
{
    private readonly YamlMappingNode _root;

    public ComposeFile()
    {
        var stream = new YamlStream();
        using var text = new StringReader(SourceTree.Read("docker-compose.yml"));
        stream.Load(text);
        _root = (YamlMappingNode)stream.Documents[0].RootNode;
    }

    public IReadOnlyList<string> Services => [.. ((YamlMappingNode)_root["services"]).Children.Keys.Select(Text)];

    public IReadOnlyList<string> Names(string section) => [.. ((YamlMappingNode)_root[section]).Children.Keys.Select(Text)];

    public string Secret(string name) => Text(_root["secrets"][name]["file"]);

    /// <summary>A key of a service, its own or merged in; null when it has none.</summary>
    public YamlNode? Find(string service, string key) => Find((YamlMappingNode)_root["services"][service], key);

    /// <summary>A list of texts; empty when the service has none.</summary>
    public IReadOnlyList<string> List(string service, string key) => Find(service, key) is YamlSequenceNode list ? [.. list.Select(Text)] : [];

    public IReadOnlyDictionary<string, string> Environment(string service) =>
        Find(service, "environment") is YamlMappingNode map ? map.Children.ToDictionary(e => Text(e.Key), e => Text(e.Value)) : new Dictionary<string, string>();

    /// <summary>The images that are run, and those that images are built from, each with the file that names it.</summary>
    public IEnumerable<(string Where, string Image)> Images()
    {
        foreach (var service in Services)
        {
            yield return ($"docker-compose.yml: {service}", Text(Find(service, "image")!));
            if (Dockerfile(service) is { } file)
                foreach (Match from in From().Matches(SourceTree.Read(file))) yield return (file, from.Groups[1].Value);
        }
    }

    /// <summary>The Dockerfile that a service is built by, or null.</summary>
    public string? Dockerfile(string service) => Find(service, "build") switch
    {
        YamlScalarNode folder => $"{folder.Value}/Dockerfile",
        YamlMappingNode build => Text(build["dockerfile"]),
        _ => null,
    };

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static YamlNode? Find(YamlMappingNode map, string key)
    {
        if (map.Children.TryGetValue(key, out var found)) return found;
        return map.Children.TryGetValue("<<", out var merged) && merged is YamlMappingNode from ? Find(from, key) : null;
    }

    [GeneratedRegex(@"^FROM (\S+)", RegexOptions.Multiline)]
    private static partial Regex From();
}
