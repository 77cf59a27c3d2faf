using System.Collections.Immutable;

namespace ServiMon.Predict.Storage.Cassandra.Mapping;

/// <summary>How a table of the user's that holds metrics is read. Keys <c>cassandra.mapping.*</c>, in docs/formats/cassandra-store.md.</summary>
public sealed record MappingOptions
{
    public required QueryTemplate Query { get; init; }

    /// <summary>Assets by name; or empty when <see cref="AssetQuery"/> lists them.</summary>
    public ImmutableArray<string> Assets { get; init; } = [];

    /// <summary>A query whose first column is the names of assets, each taken once; null when <see cref="Assets"/> names them.</summary>
    public string? AssetQuery { get; init; }

    /// <summary>Metrics that <c>{metric}</c> stands for, one query each; empty when the query gives all at once.</summary>
    public ImmutableArray<string> Metrics { get; init; } = [];

    public string TimeColumn { get; init; } = "time";

    /// <summary>The column with the metric's name, for tables with a row for each sample; null for tables with a column for each metric.</summary>
    public string? MetricColumn { get; init; }

    /// <summary>The columns with values: one beside <see cref="MetricColumn"/>, else one for each metric and called like it.</summary>
    public ImmutableArray<string> ValueColumns { get; init; } = [];

    /// <summary>100 ns in one unit of a time column that is a number. Default milliseconds since 1970.</summary>
    public long TimeUnitTicks { get; init; } = TimeSpan.TicksPerMillisecond;

    /// <summary>The time that <c>{bucket}</c> covers. Default 1 d, range 1 min to 366 d.</summary>
    public TimeSpan BucketSpan { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How the start of a bucket is written when the column is text. Default <c>yyyy-MM-dd</c>; a number counts buckets since 1970.</summary>
    public string BucketFormat { get; init; } = "yyyy-MM-dd";

    private static readonly Dictionary<string, long> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["s"] = TimeSpan.TicksPerSecond, ["ms"] = TimeSpan.TicksPerMillisecond, ["us"] = TimeSpan.TicksPerMicrosecond,
    };

    /// <param name="texts">What stands in section <c>cassandra.mapping</c>, by key within it.</param>
    /// <exception cref="InputException">With every unknown key and every value that cannot be.</exception>
    public static MappingOptions Read(IReadOnlyDictionary<string, OptionText> texts)
    {
        var keys = new OptionTexts(texts, "cassandra.mapping");
        var mapping = new MappingOptions
        {
            Query = QueryTemplate.Parse(keys.Text("query") ?? ""),
            Assets = Names(keys, "assets"),
            AssetQuery = keys.Text("asset_query"),
            Metrics = Names(keys, "metrics"),
            TimeColumn = keys.Text("time_column") ?? "time",
            MetricColumn = keys.Text("metric_column"),
            ValueColumns = Names(keys, "value_columns"),
            TimeUnitTicks = keys.Word("time_unit", TimeSpan.TicksPerMillisecond, Units),
            BucketSpan = keys.Span("bucket_span", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(366)),
            BucketFormat = keys.Text("bucket_format") ?? "yyyy-MM-dd",
        };
        var query = mapping.Query;
        if (query.Cql.Length == 0) keys.Add("query", "is missing; give a SELECT with placeholders, such as SELECT time, name, value FROM metrics WHERE host = {asset} AND day = {bucket}");
        foreach (var unknown in query.Names.Where(n => !QueryTemplate.Known.Contains(n)).Distinct())
            keys.Add("query", $"'{{{unknown}}}' is no placeholder; allowed: {string.Join(", ", QueryTemplate.Known.Select(n => $"{{{n}}}"))}");
        if (query.Cql.Length > 0 && !query.Has("asset")) keys.Add("query", "has no {asset}; rows are read asset by asset");
        if (query.Has("metric") == mapping.Metrics.IsEmpty) keys.Add("metrics", query.Has("metric") ? "is missing, but the query has {metric}" : "is given, but the query has no {metric}");
        if (mapping.Assets.IsEmpty == mapping.AssetQuery is null) keys.Add("assets", "give assets by name here, or a query for them as asset_query, one of the two");
        if (mapping.ValueColumns.IsEmpty) keys.Add("value_columns", "is missing; give the columns with values, joined by commas");
        var isLong = mapping.MetricColumn is not null || query.Has("metric");
        if (isLong && mapping.ValueColumns.Length > 1) keys.Add("value_columns", $"names {mapping.ValueColumns.Length} columns; where a row is one sample there is one");
        keys.Finish();
        return mapping;
    }

    private static ImmutableArray<string> Names(OptionTexts keys, string key) =>
        [.. (keys.Text(key) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
}
