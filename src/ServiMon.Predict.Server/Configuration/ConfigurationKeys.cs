using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Configuration;

/// <summary>
/// The keys of a JSON file and of the environment as one list of texts: <c>kafka.topics.0.format</c>, <c>SERVIMON__KAFKA__TOPICS__0__FORMAT</c>.
/// The environment comes last.
/// </summary>
internal static class ConfigurationKeys
{
    private const string VariablePrefix = "SERVIMON__";

    /// <param name="file">Null for none.</param>
    /// <param name="sections">First parts of the keys that count; the others belong to somebody else.</param>
    public static OptionTexts Read(string? file, IDictionary environment, ImmutableArray<string> sections)
    {
        var texts = new Dictionary<string, OptionText>(StringComparer.OrdinalIgnoreCase);
        var problems = new List<Problem>();
        if (file is not null) ReadFile(file, texts, problems);
        foreach (DictionaryEntry variable in environment)
            if ((string)variable.Key is var name && name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
                texts[name[VariablePrefix.Length..].Replace("__", ".", StringComparison.Ordinal)] = new OptionText(name, (string?)variable.Value ?? "");
        var keys = new OptionTexts(texts.Where(t => sections.Contains(t.Key.Split('.')[0], StringComparer.OrdinalIgnoreCase)).ToDictionary());
        keys.Problems.AddRange(problems);
        return keys;
    }

    private static void ReadFile(string file, Dictionary<string, OptionText> texts, List<Problem> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind == JsonValueKind.Object) Collect(texts, file, "", document.RootElement);
            else problems.Add(new Problem(file, "is no JSON object"));
        }
        catch (JsonException e)
        {
            problems.Add(new Problem($"{file}:{e.LineNumber + 1}", "is not JSON"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem(file, $"cannot be read: {e.Message}"));
        }
    }

    private static void Collect(Dictionary<string, OptionText> texts, string file, string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject()) Collect(texts, file, path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
        else if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray()) Collect(texts, file, string.Create(CultureInfo.InvariantCulture, $"{path}.{index++}"), item);
        }
        else texts[path] = new OptionText($"{file}: {path}", element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
    }
}
