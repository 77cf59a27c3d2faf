using System.Collections.Immutable;

namespace ServiMon.Predict.Profiles;

/// <summary>A metric's name taken apart: what inference looks at.</summary>
/// <param name="All">Its words in lower case: split at punctuation and in camel case; <c>maxclients</c> counts as two words.</param>
/// <param name="Stem">The words without units, counter suffix and fillers.</param>
/// <param name="Unit">Base unit in the plural, or empty.</param>
internal sealed record MetricWords(string Name, ImmutableArray<string> All, ImmutableArray<string> Stem, string Unit)
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["bytes"] = "bytes", ["byte"] = "bytes", ["kb"] = "kilobytes", ["mb"] = "megabytes", ["gb"] = "gigabytes",
        ["seconds"] = "seconds", ["secs"] = "seconds", ["ms"] = "milliseconds", ["milliseconds"] = "milliseconds",
        ["millis"] = "milliseconds", ["us"] = "microseconds", ["microseconds"] = "microseconds", ["ns"] = "nanoseconds",
        ["nanoseconds"] = "nanoseconds", ["hours"] = "hours", ["ratio"] = "ratio", ["percent"] = "percent", ["pct"] = "percent",
        ["percentage"] = "percent", ["celsius"] = "celsius", ["kelvin"] = "kelvin", ["volts"] = "volts", ["amperes"] = "amperes",
        ["amps"] = "amperes", ["watts"] = "watts", ["joules"] = "joules", ["hertz"] = "hertz", ["hz"] = "hertz", ["rpm"] = "rpm",
        ["metres"] = "metres", ["meters"] = "metres", ["degrees"] = "degrees", ["arcseconds"] = "arcseconds", ["bar"] = "bar",
        ["pascals"] = "pascals",
    };

    /// <summary>Words that say nothing about what is measured.</summary>
    private static readonly HashSet<string> Fillers = ["config", "spec", "settings", "of"];

    private static readonly Dictionary<string, double> ToSeconds = new(StringComparer.Ordinal)
    {
        ["seconds"] = 1, ["milliseconds"] = 1e-3, ["microseconds"] = 1e-6, ["nanoseconds"] = 1e-9,
    };

    /// <summary>The last word, or an empty one.</summary>
    public string Last => All.Length == 0 ? "" : All[^1];

    /// <summary>The last word that is no unit, suffix or filler.</summary>
    public string LastStem => Stem.Length == 0 ? "" : Stem[^1];

    /// <summary>Seconds in one of the metric's units, or null when it is no unit of time.</summary>
    public double? SecondsScale => ToSeconds.TryGetValue(Unit, out var scale) ? scale : null;

    public bool Has(string word) => All.Contains(word);

    public bool HasAny(IReadOnlySet<string> words) => All.Any(words.Contains);

    /// <summary>True when some word has one of the pieces in it: JMX names run words together (<c>underreplicatedpartitions</c>).</summary>
    public bool Contains(params ReadOnlySpan<string> pieces)
    {
        foreach (var word in All)
            foreach (var piece in pieces)
                if (word.Contains(piece, StringComparison.Ordinal)) return true;
        return false;
    }

    public bool StemEndsWith(params ReadOnlySpan<string> words) =>
        Stem.Length >= words.Length && Stem.AsSpan()[^words.Length..].SequenceEqual(words);

    public static MetricWords Of(string name)
    {
        var all = Split(name);
        var suffix = all.Length > 1 && all[^1] is "total" or "count" or "sum" or "bucket" ? 1 : 0;
        // Prometheus histograms may carry both: _seconds_sum_total.
        if (suffix == 1 && all.Length > 2 && all[^2] is "sum" or "count") suffix = 2;
        var stem = all[..^suffix].Where(w => !Units.ContainsKey(w) && !Fillers.Contains(w)).ToImmutableArray();
        var unit = "";
        for (var i = 0; i < all.Length; i++)
            if (Units.TryGetValue(all[i], out var found) && (i == 0 || all[i - 1] != "per")) unit = found;
        return new MetricWords(name, all, stem, unit);
    }

    private static ImmutableArray<string> Split(string name)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var ends = i == name.Length || !char.IsLetterOrDigit(name[i]);
            if (ends || (i > start && IsHump(name, i)))
            {
                if (i > start) Add(name[start..i].ToLowerInvariant());
                start = ends ? i + 1 : i;
            }
        }

        return words.ToImmutable();

        void Add(string word)
        {
            // "maximum" and short words such as "maxed" stay whole.
            var runTogether = word.Length >= 6 && word.StartsWith("max", StringComparison.Ordinal) && word != "maximum";
            if (runTogether) words.Add("max");
            words.Add(runTogether ? word[3..] : word);
        }
    }

    /// <summary>A capital after a small letter (<c>mem|Total</c>), or the last capital of an acronym (<c>TCP|Retrans</c>).</summary>
    private static bool IsHump(string name, int i) =>
        char.IsUpper(name[i])
        && (char.IsLower(name[i - 1]) || (char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1])));
}
