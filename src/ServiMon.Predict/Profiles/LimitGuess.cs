using System.Collections.Immutable;

namespace ServiMon.Predict.Profiles;

/// <summary>
/// Limits found by pairing names: two columns that differ in one word only, one of what is used or left and one of a limit
/// (<c>process_open_fds</c> and <c>process_max_fds</c>). Shares bounded by their unit get that bound.
/// </summary>
internal static class LimitGuess
{
    /// <summary>Best first: the first of these that is there gets the limit, the others of the same room do not.</summary>
    private static readonly ImmutableArray<string> Uses =
    [
        "avail", "available", "remaining", "left", "rss", "workingset", "used", "usage", "use", "inuse", "allocated", "open", "opened",
        "active", "busy", "connected", "current", "free",
    ];

    private static readonly ImmutableArray<string> Left = ["avail", "available", "remaining", "left", "free"];

    private static readonly ImmutableArray<string> Limits = ["limit", "crit", "critical", "max", "maximum", "capacity", "quota"];

    /// <summary>Words that are a limit only beside a word of use: a size alone is a level.</summary>
    private static readonly ImmutableArray<string> Rooms = ["total", "size"];

    /// <summary>Levels named by how long something is: in use when a limit stands beside them (<c>queue_size</c>, <c>queue_capacity</c>).</summary>
    private static readonly ImmutableArray<string> Lengths = ["size", "length", "depth", "entries", "count"];

    private static readonly ImmutableArray<string> Statistics = ["min", "avg", "mean", "minimum", "average"];

    private static readonly HashSet<string> FilledByUse =
    [
        "used", "usage", "utilization", "utilisation", "util", "fill", "filled", "full", "occupancy", "memory", "mem", "disk", "swap",
        "heap", "queue", "pool", "capacity", "wear", "load",
    ];

    /// <summary>The limit of each column that has one, with the reason.</summary>
    public static Dictionary<string, (MetricLimit Limit, string Why)> Of(IReadOnlyList<MetricSpec> columns)
    {
        var limits = new Dictionary<string, (MetricLimit, string)>(StringComparer.Ordinal);
        var levels = columns.Where(c => c.Kind is MetricKind.Gauge or MetricKind.Static)
            .Select(c => (Spec: c, Words: Words(c.Name))).ToList();
        foreach (var (spec, words) in levels)
            if (ShareLimit(spec, words) is { } share) limits[spec.Name] = share;
        // Caches fill up by design and fail nothing.
        var rooms = levels.Where(l => !l.Words.Contains("cache")).Select(l => Candidate.Of(l.Spec, l.Words)).ToList();
        foreach (var room in rooms.Where(c => c.Key.Length > 0).GroupBy(c => (c.Key, c.Words.Unit)))
            Pair([.. room], limits);
        PairPlain(rooms, limits);
        PairOldGeneration(rooms, limits);
        PairProbe(levels, limits);
        return limits;
    }

    private enum Part { Plain, Use, Limit, Room }

    private sealed record Candidate(MetricSpec Spec, MetricWords Words, Part Part, int Rank, string Word, string Key)
    {
        public static Candidate Of(MetricSpec spec, MetricWords words)
        {
            foreach (var (part, list) in new[] { (Part.Limit, Limits), (Part.Use, Uses), (Part.Room, Rooms) })
                for (var rank = 0; rank < list.Length; rank++)
                    if (words.Stem.Contains(list[rank]))
                        return new Candidate(spec, words, part, rank, list[rank], string.Join(' ', words.Stem.Remove(list[rank])));
            return new Candidate(spec, words, Part.Plain, 0, "", string.Join(' ', words.Stem));
        }

        public string KeyWithoutLength
        {
            get
            {
                var last = Words.Stem.Length > 1 && Lengths.Contains(Words.Stem[^1]);
                return string.Join(' ', last ? Words.Stem[..^1] : Words.Stem);
            }
        }
    }

    private static MetricWords Words(string name)
    {
        var words = MetricWords.Of(name);
        // For limits the last word of memory_total matters, and working_set is one word.
        var stem = words.Last is "total" && words.LastStem != "total" ? words.Stem.Add("total") : words.Stem;
        var at = stem.IndexOf("working");
        if (at >= 0 && at + 1 < stem.Length && stem[at + 1] == "set") stem = stem.RemoveAt(at).SetItem(at, "workingset");
        return words with { Stem = stem };
    }

    private static void Pair(List<Candidate> room, Dictionary<string, (MetricLimit, string)> limits)
    {
        var limit = room.Where(c => c.Part is Part.Limit or Part.Room).OrderBy(c => (c.Part, c.Rank)).FirstOrDefault();
        var use = room.Where(c => c.Part == Part.Use).OrderBy(c => c.Rank).FirstOrDefault();
        if (limit is null || use is null) return;
        var left = Left.Contains(use.Word);
        limits[use.Spec.Name] = (new MetricLimit(limit.Spec.Name, null, left), $"'{use.Word}' beside '{limit.Word}' of {limit.Spec.Name}");
    }

    /// <summary><c>X</c> or <c>X_size</c> beside <c>X_limit</c>; and inodes, whose number has no word for a limit.</summary>
    private static void PairPlain(List<Candidate> rooms, Dictionary<string, (MetricLimit, string)> limits)
    {
        var byKey = rooms.Where(c => c.Part == Part.Limit && c.Key.Length > 0)
            .GroupBy(c => (c.Key, c.Words.Unit)).ToDictionary(g => g.Key, g => g.OrderBy(c => c.Rank).First());
        var taken = limits.Values.Select(l => l.Item1.Metric).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var statistics = StatisticKeys(rooms);
        foreach (var plain in rooms.Where(c => c.Part is Part.Plain or Part.Room))
        {
            if (limits.ContainsKey(plain.Spec.Name) || plain.Spec.Kind == MetricKind.Static) continue;
            if (!byKey.TryGetValue((string.Join(' ', plain.Words.Stem), plain.Words.Unit), out var limit)
                && !byKey.TryGetValue((plain.KeyWithoutLength, plain.Words.Unit), out limit)) continue;
            if (IsStatistic(limit, statistics) || !taken.Add(limit.Spec.Name)) continue;
            limits[plain.Spec.Name] = (new MetricLimit(limit.Spec.Name, null, false), $"beside {limit.Spec.Name}");
        }

        var plains = rooms.Where(c => c.Part == Part.Plain).ToLookup(c => c.Key, c => c.Spec.Name);
        foreach (var free in rooms.Where(c => c is { Part: Part.Use, Word: "free" } && c.Words.Stem is [.., "files" or "inodes", "free"]))
            if (plains[free.Key].FirstOrDefault() is { } all)
                limits.TryAdd(free.Spec.Name, (new MetricLimit(all, null, true), $"'free' of {all}"));
    }

    /// <summary>A <c>_max</c> of times, or with a minimum or mean beside it, is the largest value seen and no limit.</summary>
    private static bool IsStatistic(Candidate limit, HashSet<string> statistics) =>
        limit.Word is "max" or "maximum"
        && (limit.Words.SecondsScale is not null || limit.Spec.Group == GroupGuess.Latency || statistics.Contains(limit.Key));

    /// <summary>The keys of which a minimum or a mean is given.</summary>
    private static HashSet<string> StatisticKeys(List<Candidate> rooms) =>
    [
        .. from room in rooms
           from word in Statistics
           where room.Words.Stem.Contains(word)
           select string.Join(' ', room.Words.Stem.Remove(word)),
    ];

    /// <summary>
    /// The old generation of a Java heap may grow to the whole heap's maximum where it has none of its own. The heap as a whole fills
    /// and empties with every collection, so it gets no limit when the old generation has one.
    /// </summary>
    private static void PairOldGeneration(List<Candidate> rooms, Dictionary<string, (MetricLimit, string)> limits)
    {
        var old = rooms.Find(c => c is { Part: Part.Use, Word: "used" }
                                  && (c.Words.Has("tenured") || (c.Words.Has("old") && c.Words.Has("gen"))));
        if (old is null) return;
        var heapMax = rooms.Find(c => c.Part == Part.Limit && c.Words.Has("heap") && c.Words.Unit == old.Words.Unit);
        if (heapMax is not null && !limits.ContainsKey(old.Spec.Name))
            limits[old.Spec.Name] = (new MetricLimit(heapMax.Spec.Name, null, false), "the old generation may fill the heap");
        if (!limits.ContainsKey(old.Spec.Name)) return;
        foreach (var heap in rooms.Where(c => c.Part == Part.Use && c.Words.Has("heap") && c != old)) limits.Remove(heap.Spec.Name);
    }

    private static void PairProbe(List<(MetricSpec Spec, MetricWords Words)> levels, Dictionary<string, (MetricLimit, string)> limits)
    {
        var timeout = levels.Find(l => l.Words.Has("probe") && l.Words.Has("timeout") && l.Words.SecondsScale is not null);
        if (timeout.Spec is null) return;
        foreach (var (spec, words) in levels)
            if (spec.Role == MetricRole.ProbeLatency && words.Unit == timeout.Words.Unit)
                limits[spec.Name] = (new MetricLimit(timeout.Spec.Name, null, false), "the probe's timeout");
    }

    private static (MetricLimit, string)? ShareLimit(MetricSpec spec, MetricWords words)
    {
        if (spec.Role != MetricRole.None || words.Unit is not ("ratio" or "percent")) return null;
        var whole = words.Unit == "ratio" ? 1.0 : 100.0;
        // JMX calls idle shares of 0 to 1 "percent", so an idle percentage has no safe whole.
        var left = words.Contains("free", "avail", "remain") || (words.Unit == "ratio" && words.Contains("idle"));
        if (left) return (new MetricLimit(null, whole, true), "a share that is left");
        if (MetricGuess.GoodWhenHigh(words) || words.Contains("fragment", "compress", "amplif")) return null;
        // Ratios of two different things (compression, fragmentation) have no bound; percentages have one.
        return words.Unit == "percent" || words.HasAny(FilledByUse) ? (new MetricLimit(null, whole, false), "a share in use") : null;
    }
}
