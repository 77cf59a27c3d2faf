using System.Globalization;

namespace ServiMon.Predict.Profiles;

/// <summary>One mapping of the file, read key by key. Each reader returns null after adding a problem, or when the key is absent.</summary>
internal sealed class YamlFields
{
    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);
    private readonly ProblemList _problems;
    private readonly string _path;

    /// <param name="known">The allowed keys; null when the keys are names of the user's choice.</param>
    public YamlFields(YamlMap map, string path, ProblemList problems, IReadOnlyCollection<string>? known)
    {
        _path = path;
        _problems = problems;
        Line = map.Line;
        foreach (var entry in map.Entries)
        {
            if (known is not null && !known.Contains(entry.Key))
                _problems.Add(entry.Line, PathOf(entry.Key), $"unknown key; {Spelling.Suggest(entry.Key, known)}");
            else if (!_entries.TryAdd(entry.Key, entry))
                _problems.Add(entry.Line, PathOf(entry.Key), $"duplicate key, first given in line {_entries[entry.Key].Line}");
        }
    }

    public int Line { get; }

    /// <summary>The entries in the file's order, without unknown and duplicate keys.</summary>
    public IEnumerable<YamlEntry> Entries => _entries.Values;

    public bool Has(string key) => _entries.ContainsKey(key);

    public int LineOf(string key) => _entries.TryGetValue(key, out var entry) ? entry.Line : Line;

    public string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    public void Problem(string key, string what) => _problems.Add(LineOf(key), PathOf(key), what);

    public YamlTree? Node(string key) => _entries.TryGetValue(key, out var entry) ? entry.Value : null;

    public string? Text(string key, string expected)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlText text && !node.IsNull && text.Value.Trim().Length > 0) return text.Value.Trim();
        Problem(key, $"is {node.Kind}; expected {expected}");
        return null;
    }

    public TimeSpan? Duration(string key, TimeSpan least, TimeSpan most) =>
        Text(key, DurationText.Grammar) is { } text ? Duration(LineOf(key), PathOf(key), text, least, most) : null;

    /// <summary>Reads one span of a list or mapping.</summary>
    public TimeSpan? Duration(int line, string where, string text, TimeSpan least, TimeSpan most)
    {
        if (!DurationText.TryParse(text, out var span))
            _problems.Add(line, where, $"'{text}' is no span of time; expected {DurationText.Grammar}");
        else if (span < least || span > most)
            _problems.Add(line, where, $"{text} is out of range; allowed: {DurationText.Format(least)} to {DurationText.Format(most)}");
        else
            return span;
        return null;
    }

    public bool? Flag(string key)
    {
        if (Text(key, "true or false") is not { } text) return null;
        if (text is "true" or "false") return text == "true";
        Problem(key, $"is '{text}'; expected true or false");
        return null;
    }

    /// <summary>A finite number in (0, most].</summary>
    public double? Positive(string key, double most)
    {
        var expected = string.Create(CultureInfo.InvariantCulture, $"a number above 0 and up to {most}");
        if (Text(key, expected) is not { } text) return null;
        if (Number(text) is { } value && value > 0 && value <= most) return value;
        Problem(key, $"is '{text}'; expected {expected}");
        return null;
    }

    /// <summary>One of the words, as its place in the list.</summary>
    public int? Choice(string key, IReadOnlyList<string> words)
    {
        var expected = "one of " + string.Join(", ", words);
        if (Text(key, expected) is not { } text) return null;
        for (var i = 0; i < words.Count; i++)
            if (words[i] == text) return i;
        Problem(key, $"is '{text}'; expected {expected}");
        return null;
    }

    /// <summary>A list of texts (a single text counts as a list of one); entries of the wrong type are left out.</summary>
    public List<(string Text, int Line)>? Texts(string key, int most, string expected)
    {
        if (Node(key) is not { } node) return null;
        IReadOnlyList<YamlTree> items = node is YamlList list ? list.Items : node.IsNull ? [] : [node];
        if (items.Count > most) Problem(key, $"has {items.Count} entries; allowed: at most {most}");
        var texts = new List<(string, int)>();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is YamlText text && text.Value.Trim().Length > 0) texts.Add((text.Value.Trim(), text.Line));
            else _problems.Add(items[i].Line, $"{PathOf(key)}[{i}]", $"is {items[i].Kind}; expected {expected}");
        }

        return texts;
    }

    /// <summary>A mapping under a key; nothing at all counts as an empty one.</summary>
    public YamlFields? Map(string key, IReadOnlyCollection<string>? known, string expected) =>
        Node(key) is { } node ? Map(node, PathOf(key), known, expected) : null;

    public YamlFields? Map(YamlTree node, string where, IReadOnlyCollection<string>? known, string expected)
    {
        if (node is YamlMap map) return new YamlFields(map, where, _problems, known);
        if (node.IsNull) return new YamlFields(new YamlMap([], node.Line), where, _problems, known);
        _problems.Add(node.Line, where, $"is {node.Kind}; expected {expected}");
        return null;
    }

    /// <summary>The mappings of a list.</summary>
    public IEnumerable<YamlFields> Maps(string key, int most, IReadOnlyCollection<string> known, string expected)
    {
        if (Node(key) is not { IsNull: false } node) yield break;
        if (node is not YamlList list)
        {
            Problem(key, $"is {node.Kind}; expected a list, each entry {expected}");
            yield break;
        }

        if (list.Items.Length > most) Problem(key, $"has {list.Items.Length} entries; allowed: at most {most}");
        for (var i = 0; i < list.Items.Length; i++)
            if (Map(list.Items[i], $"{PathOf(key)}[{i}]", known, expected) is { } fields) yield return fields;
    }

    /// <summary>A finite number in the invariant culture, or null.</summary>
    public static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
