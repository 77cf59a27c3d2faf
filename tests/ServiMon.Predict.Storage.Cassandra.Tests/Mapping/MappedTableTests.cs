using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Cassandra.Mapping;

/// <summary>A user's own tables, in the shapes that are common.</summary>
public sealed class MappedTableTests
{
    private static readonly DateTimeOffset Start = new(2024, 3, 1, 22, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_for_each_sample_by_day_as_text()
    {
        using var open = new OpenStore();
        open.Cql("CREATE TABLE samples (host text, day text, ts timestamp, name text, value double, PRIMARY KEY ((host, day), ts, name))");
        for (var i = 0; i < 6; i++)
            foreach (var (name, value) in new[] { ("cpu", i * 1.5), ("lag", -i) })
                if (i != 3 || name != "lag")
                    open.Cql("INSERT INTO samples (host, day, ts, name, value) VALUES (?, ?, ?, ?, ?)", "db-1", $"{Start.AddHours(i):yyyy-MM-dd}", Start.AddHours(i), name, value);
        using var table = await OpenAsync(open, ("query", "SELECT ts, name, value FROM {keyspace}.samples WHERE host = {asset} AND day = {bucket} AND ts >= {from} AND ts < {to}"),
            ("asset_query", "SELECT DISTINCT host, day FROM {keyspace}.samples"), ("time_column", "ts"), ("metric_column", "name"), ("value_columns", "value"));

        Assert.Equal(["db-1"], await table.ListAssetsAsync(Ct));
        var read = await ReadAsync(table, "db-1", Start.AddHours(1), Start.AddHours(5));
        Assert.Equal(2, read.Count);
        Assert.All(read, r => Assert.Equal(["cpu", "lag"], r.Metrics));
        Assert.Equal(Enumerable.Range(1, 4).Select(i => Start.AddHours(i).UtcTicks), read.SelectMany(r => r.Ticks));
        Assert.Equal([1.5, -1, 3, -2, 4.5, double.NaN, 6, -4], read.SelectMany(r => r.Values));
    }

    [Fact]
    public async Task A_column_for_each_metric_with_times_and_buckets_as_numbers()
    {
        using var open = new OpenStore();
        open.Cql("CREATE TABLE wide (node int, hour bigint, at bigint, load float, errors int, PRIMARY KEY ((node, hour), at))");
        for (var i = 0; i < 5; i++)
            open.Cql("INSERT INTO wide (node, hour, at, load, errors) VALUES (?, ?, ?, ?, ?)", 7, Start.AddMinutes(30 * i).ToUnixTimeSeconds() / 3600, Start.AddMinutes(30 * i).ToUnixTimeSeconds(), i * 0.5f, i);
        using var table = await OpenAsync(open, ("query", "SELECT at, load, errors FROM {keyspace}.wide WHERE node = {asset} AND hour = {bucket}"),
            ("assets", "7"), ("time_column", "at"), ("time_unit", "s"), ("value_columns", "load, errors"), ("bucket_span", "1h"));

        var read = await ReadAsync(table, "7", Start, Start.AddHours(2));
        Assert.Equal([0, 0, 1, 0.5, 2, 1, 3, 1.5], read.SelectMany(r => r.Values));
    }

    [Fact]
    public async Task A_series_for_each_metric()
    {
        using var open = new OpenStore();
        open.Cql("CREATE TABLE series (id text, metric text, time timestamp, v text, PRIMARY KEY ((id, metric), time))");
        open.Cql("INSERT INTO series (id, metric, time, v) VALUES ('a', 'x', ?, '1.25')", Start);
        open.Cql("INSERT INTO series (id, metric, time, v) VALUES ('a', 'y', ?, 'no number')", Start);
        open.Cql("INSERT INTO series (id, metric, time, v) VALUES ('a', 'y', ?, '2')", Start.AddMinutes(1));
        using var table = await OpenAsync(open, ("query", "SELECT time, v FROM {keyspace}.series WHERE id = {asset} AND metric = {metric} AND time >= {from} AND time < {to}"),
            ("assets", "a"), ("metrics", "x,y"), ("value_columns", "v"));

        var rows = Assert.Single(await ReadAsync(table, "a", Start, Start.AddDays(1)));
        Assert.Equal([1.25, double.NaN, double.NaN, 2], rows.Values);
    }

    [Fact]
    public async Task A_query_that_cannot_be_is_wrong_input()
    {
        using var open = new OpenStore();
        using var table = await OpenAsync(open, ("query", "SELECT x FROM {keyspace}.nowhere WHERE id = {asset}"), ("assets", "a"), ("value_columns", "x"));
        Assert.StartsWith("cassandra.mapping: the server does not take the query:", (await Assert.ThrowsAsync<InputException>(() => ReadAsync(table, "a", Start, Start.AddHours(1)))).Message);
    }

    [Fact]
    public void Everything_that_is_wrong_with_a_mapping_is_told_at_once()
    {
        var problems = Assert.Throws<InputException>(() => MappingOptions.Read(Texts(("query", "SELECT x FROM t WHERE y = {when}"), ("metrics", "a"), ("bucket_span", "1s"), ("colour", "red")))).Problems;
        Assert.Equal(
            [
                "bucket_span: '1s' is not a span of time from 1m to 366d",
                "query: '{when}' is no placeholder; allowed: {asset}, {metric}, {bucket}, {from}, {to}",
                "query: has no {asset}; rows are read asset by asset",
                "metrics: is given, but the query has no {metric}",
                "assets: give assets by name here, or a query for them as asset_query, one of the two",
                "value_columns: is missing; give the columns with values, joined by commas",
            ],
            problems.Take(6).Select(p => p.ToString().Replace("cassandra.mapping.", "", StringComparison.Ordinal)));
        Assert.StartsWith("cassandra.mapping.colour: unknown key", problems[6].ToString());
    }

    private static Task<MappedTable> OpenAsync(OpenStore open, params (string Key, string Value)[] texts) => MappedTable.OpenAsync(
        open.Options, MappingOptions.Read(Texts([.. texts.Select(t => (t.Key, t.Value.Replace("{keyspace}", open.Options.Keyspace, StringComparison.Ordinal)))])), Ct);

    private static Dictionary<string, OptionText> Texts(params (string Key, string Value)[] texts) =>
        texts.ToDictionary(t => t.Key, t => new OptionText($"cassandra.mapping.{t.Key}", t.Value));

    private static async Task<List<AssetRows>> ReadAsync(MappedTable table, string asset, DateTimeOffset from, DateTimeOffset to)
    {
        var all = new List<AssetRows>();
        await foreach (var rows in table.ReadAsync(asset, from, to, Ct)) all.Add(rows);
        return all;
    }
}
