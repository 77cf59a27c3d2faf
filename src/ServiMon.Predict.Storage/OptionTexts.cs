using System.Collections.Immutable;
using System.Globalization;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Storage;

/// <summary>One configured value and where it stands: a file and key, or a variable of the environment.</summary>
public readonly record struct OptionText(string Where, string Value);

/// <summary>Takes configured values by key, checks them, and notes everything that is wrong; what nobody takes is unknown.</summary>
/// <param name="texts">By key within the section; keys do not tell case apart.</param>
/// <param name="section">Goes before a key in messages about what is not configured; empty for none.</param>
public sealed class OptionTexts(IReadOnlyDictionary<string, OptionText> texts, string section = "")
{
    private readonly SortedDictionary<string, OptionText> _texts = new(texts.ToDictionary(), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    public List<Problem> Problems { get; } = [];

    /// <summary>Whether anything stands below a key.</summary>
    public bool Has(string key) => Below(key).Any();

    public string? Text(string key)
    {
        _taken.Add(key);
        return _texts.TryGetValue(key, out var found) ? found.Value : null;
    }

    public string Text(string key, string otherwise) => Text(key) ?? otherwise;

    /// <summary>Where a value stands; the full key when it is not configured.</summary>
    public string WhereIs(string key) => _texts.TryGetValue(key, out var found) ? found.Where : Full(key);

    /// <summary>Notes a problem at the place that the key's value comes from.</summary>
    public void Add(string key, string what) => Problems.Add(new Problem(WhereIs(key), what));

    public int Number(string key, int otherwise, int least, int most)
    {
        if (Text(key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Add(key, string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a whole number from {least} to {most}"));
        return otherwise;
    }

    public TimeSpan Span(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most) => Span(key, least, most) ?? otherwise;

    /// <summary>Null when it is not configured, or wrong.</summary>
    public TimeSpan? Span(string key, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text) return null;
        if (text == "0") text = "0s";
        if (DurationText.TryParse(text, out var span) && span >= least && span <= most) return span;
        Add(key, $"'{text}' is not a span of time from {DurationText.Format(least)} to {DurationText.Format(most)}");
        return null;
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
        var map = Below(key).ToImmutableDictionary(t => t.Key[(key.Length + 1)..], t => t.Value.Value);
        foreach (var rest in map.Keys) _taken.Add($"{key}.{rest}");
        return map;
    }

    /// <summary>One of some words, of which each means a value.</summary>
    public T Word<T>(string key, T otherwise, IReadOnlyDictionary<string, T> words)
    {
        if (Text(key) is not { } text) return otherwise;
        if (words.TryGetValue(text, out var value)) return value;
        Add(key, $"'{text}' is not one of {string.Join(", ", words.Keys)}");
        return otherwise;
    }

    /// <summary>The path of a file that is there.</summary>
    public string? File(string key)
    {
        if (Text(key) is not { } path) return null;
        if (!System.IO.File.Exists(path)) Add(key, $"there is no file '{path}'");
        return path;
    }

    /// <summary>A secret: the first line of the file that <paramref name="fileKey"/> names, or the key itself when it stands in the environment.</summary>
    public string? Secret(string key, string fileKey)
    {
        var path = File(fileKey);
        if (Text(key) is { } text)
        {
            if (path is not null) Add(key, $"is given twice; give it here or in {Full(fileKey)}");
            if (WhereIs(key).Contains(':', StringComparison.Ordinal)) Add(key, $"may not stand in a configuration file; give it as environment variable, or its file as {Full(fileKey)}");
            return text;
        }
        if (path is null || !System.IO.File.Exists(path)) return null;
        try
        {
            return System.IO.File.ReadLines(path).FirstOrDefault("").TrimEnd('\r');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(fileKey, $"'{path}' cannot be read: {e.Message}");
            return null;
        }
    }

    /// <exception cref="InputException">With every problem, keys that nobody took among them.</exception>
    public void Finish()
    {
        foreach (var (key, text) in _texts)
            if (!_taken.Contains(key)) Problems.Add(new Problem(text.Where, $"unknown key; {Spelling.Suggest(key, [.. _taken.Order(StringComparer.Ordinal)])}"));
        if (Problems.Count > 0) throw new InputException(Problems);
    }

    private IEnumerable<KeyValuePair<string, OptionText>> Below(string key) => _texts.Where(t => t.Key.StartsWith($"{key}.", StringComparison.OrdinalIgnoreCase));

    private string Full(string key) => section.Length == 0 ? key : $"{section}.{key}";
}
