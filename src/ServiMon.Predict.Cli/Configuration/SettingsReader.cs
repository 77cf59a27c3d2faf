using System.Collections;
using System.Globalization;
using System.Text.Json;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Configuration;

/// <summary>Reads the settings: a JSON file, then <c>SERVIMON__SECTION__KEY</c> environment variables, then options. The last word counts.</summary>
internal static class SettingsReader
{
    internal const string VariablePrefix = "SERVIMON__";

    private const string CassandraSection = "cassandra.";

    /// <summary>Every key there is, with what its value must be and how it is set; null for a value that is not.</summary>
    private static readonly Dictionary<string, (string Allowed, Func<Settings, string, Settings?> Set)> Keys = new(StringComparer.OrdinalIgnoreCase)
    {
        ["store.path"] = ("the path of a folder", (s, v) => v.Trim().Length == 0 ? null : s with { StorePath = v }),
        ["store.kind"] = ("embedded or cassandra", (s, v) => v.ToUpperInvariant() switch
        {
            "EMBEDDED" => s with { StoreKind = StoreKind.Embedded },
            "CASSANDRA" => s with { StoreKind = StoreKind.Cassandra },
            _ => null,
        }),
        ["random.seed"] = ("a whole number from 0 on",
            (s, v) => ulong.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? s with { Seed = seed } : null),
        [ServiceOptionsReader.CheckpointsKey] = ("the path of a folder", (s, v) => v.Trim().Length == 0 ? null : s with { Checkpoints = v }),
    };

    /// <exception cref="InputException">With every unknown key and bad value.</exception>
    public static Settings Read(string? file, IDictionary environment, SettingsChoice options)
    {
        var problems = new List<Problem>();
        var settings = new Settings();
        if (file is not null)
            foreach (var (key, value) in KeysOf(file, problems)) settings = Apply(settings, $"{file}: {key}", key, value, problems);
        foreach (var (name, value) in Variables(environment))
            settings = Apply(settings, name, name[VariablePrefix.Length..].Replace("__", ".", StringComparison.Ordinal), value, problems);
        if (problems.Count > 0) throw new InputException(problems);
        return settings with { StorePath = options.StorePath ?? settings.StorePath, Seed = options.Seed ?? settings.Seed };
    }

    private static Settings Apply(Settings settings, string where, string key, string value, List<Problem> problems)
    {
        // The verb that runs the service reads these, and checks them.
        if (!Keys.ContainsKey(key) && ServiceOptionsReader.Sections.Contains(key.Split('.')[0], StringComparer.OrdinalIgnoreCase)) return settings;
        if (key.StartsWith(CassandraSection, StringComparison.OrdinalIgnoreCase))
            return settings with { Cassandra = settings.Cassandra.SetItem(key[CassandraSection.Length..].ToLowerInvariant(), new OptionText(where, value)) };
        if (!Keys.TryGetValue(key, out var known))
        {
            problems.Add(new Problem(where, $"unknown key{Spelling.Hint(key, Keys.Keys)}; known are {string.Join(", ", Keys.Keys)}"));
            return settings;
        }
        if (known.Set(settings, value) is { } changed) return changed;
        problems.Add(new Problem(where, $"'{value}' is not {known.Allowed}"));
        return settings;
    }

    private static IEnumerable<(string Name, string Value)> Variables(IDictionary environment) =>
        environment.Cast<DictionaryEntry>()
            .Select(e => (Name: (string)e.Key, Value: (string?)e.Value ?? ""))
            .Where(e => e.Name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(e => e.Name, StringComparer.Ordinal);

    private static List<(string Key, string Value)> KeysOf(string file, List<Problem> problems)
    {
        var keys = new List<(string, string)>();
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            Collect(document.RootElement, "", file, keys, problems);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(new Problem(file, "no such file"));
        }
        catch (JsonException e)
        {
            problems.Add(new Problem($"{file}:{e.LineNumber + 1}", $"is not JSON: {e.Message.Split(" LineNumber")[0]}"));
        }
        return keys;
    }

    private static void Collect(JsonElement element, string path, string file, List<(string, string)> keys, List<Problem> problems)
    {
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject())
                Collect(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", file, keys, problems);
        else if (path.Length == 0)
            problems.Add(new Problem(file, "is no JSON object"));
        else
            keys.Add((path, element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText()));
    }
}
