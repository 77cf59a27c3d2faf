using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Configuration;

/// <summary>
/// The keys of a JSON file and of the environment as one list of texts: <c>kafka.topics.0.format</c>, <c>SERVIMON__KAFKA__TOPICS__0__FORMAT</c>.
/// The environment comes last. Whoever takes a value checks it; what nobody takes is unknown.
/// </summary>
internal sealed class ConfigurationKeys
{
    private const string VariablePrefix = "SERVIMON__";

    private readonly SortedDictionary<string, (string Where, string Value)> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public List<Problem> Problems { get; } = [];

    /// <param name="file">Null for none.</param>
    /// <param name="sections">First parts of the keys that count; the others belong to somebody else.</param>
    public static ConfigurationKeys Read(string? file, IDictionary environment, ImmutableArray<string> sections)
    {
        var keys = new ConfigurationKeys();
        if (file is not null) keys.ReadFile(file);
        foreach (DictionaryEntry variable in environment)
            if ((string)variable.Key is var name && name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
                keys._values[name[VariablePrefix.Length..].Replace("__", ".", StringComparison.Ordinal)] = (name, (string?)variable.Value ?? "");
        foreach (var key in keys._values.Keys.Where(k => !sections.Contains(k.Split('.')[0], StringComparer.OrdinalIgnoreCase)).ToList()) keys._values.Remove(key);
        return keys;
    }

    public bool Has(string prefix) => _values.Keys.Any(k => k.StartsWith($"{prefix}.", StringComparison.OrdinalIgnoreCase));

    public string? Text(string key)
    {
        _taken.Add(key);
        return _values.TryGetValue(key, out var found) ? found.Value : null;
    }

    public string Text(string key, string otherwise) => Text(key) ?? otherwise;

    public int Number(string key, int otherwise, int least, int most)
    {
        if (Text(key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Add(key, $"'{text}' is not a whole number from {least} to {most}");
        return otherwise;
    }

    public TimeSpan Span(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text) return otherwise;
        if (DurationText.TryParse(text, out var span) && span >= least && span <= most) return span;
        Add(key, $"'{text}' is not a span of time from {DurationText.Format(least)} to {DurationText.Format(most)}");
        return otherwise;
    }

    public bool Flag(string key, bool otherwise)
    {
        if (Text(key) is not { } text) return otherwise;
        if (bool.TryParse(text, out var flag)) return flag;
        Add(key, $"'{text}' is not true or false");
        return otherwise;
    }

    /// <summary>The texts <c>key.0</c>, <c>key.1</c>, ….</summary>
    public ImmutableArray<string> List(string key)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        while (Text($"{key}.{list.Count}") is { } text) list.Add(text);
        return list.ToImmutable();
    }

    /// <summary>Everything below a key, by the rest of its key.</summary>
    public ImmutableDictionary<string, string> Map(string key)
    {
        var map = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, (_, value)) in _values.Where(v => v.Key.StartsWith($"{key}.", StringComparison.OrdinalIgnoreCase)))
        {
            _taken.Add(name);
            map[name[(key.Length + 1)..]] = value;
        }
        return map.ToImmutable();
    }

    /// <summary>Notes a problem at the place that the key's value comes from.</summary>
    public void Add(string key, string what) => Problems.Add(new Problem(_values.TryGetValue(key, out var found) ? found.Where : key, what));

    /// <summary>Notes what nobody took.</summary>
    public void AddUnknown()
    {
        foreach (var (key, (where, _)) in _values)
            if (!_taken.Contains(key)) Problems.Add(new Problem(where, "unknown key"));
    }

    private void ReadFile(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind == JsonValueKind.Object) Collect(file, "", document.RootElement);
            else Problems.Add(new Problem(file, "is no JSON object"));
        }
        catch (JsonException e)
        {
            Problems.Add(new Problem($"{file}:{e.LineNumber + 1}", "is not JSON"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problems.Add(new Problem(file, $"cannot be read: {e.Message}"));
        }
    }

    private void Collect(string file, string path, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
            foreach (var property in element.EnumerateObject()) Collect(file, path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
        else if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray()) Collect(file, string.Create(CultureInfo.InvariantCulture, $"{path}.{index++}"), item);
        }
        else _values[path] = ($"{file}: {path}", element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
    }
}
