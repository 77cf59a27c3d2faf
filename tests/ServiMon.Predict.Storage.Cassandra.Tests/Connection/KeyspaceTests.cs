namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>The keyspace: how it is made, what is fixed, what is refused.</summary>
public sealed class KeyspaceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_compact_by_time_windows_and_forget_by_time_to_live()
    {
        using var open = new OpenStore(o => o with { KeepHistory = TimeSpan.FromDays(50), KeepLog = TimeSpan.FromDays(25) });
        var tables = open.Cql("SELECT table_name, default_time_to_live, compaction FROM system_schema.tables WHERE keyspace_name = ?", open.Options.Keyspace)
            .ToDictionary(r => r.GetValue<string>(0), r => (Seconds: r.GetValue<int>(1), Window: r.GetValue<IDictionary<string, string>>(2).TryGetValue("compaction_window_size", out var w) ? w : null));
        Assert.Equal((50 * 86400, "48"), tables["history"]);
        Assert.Equal((25 * 86400, "24"), tables["prediction"]);
        Assert.Equal((25 * 86400, "24"), tables["outcome"]);
        Assert.Equal((50 * 86400, null), tables["history_extent"]);
        Assert.Equal((0, null), tables["interval"]);

        open.Store.Dispose();
        using var longer = await CassandraStore.OpenAsync(open.Options with { KeepHistory = TimeSpan.FromDays(100) }, ct: Ct);
        Assert.Equal(100 * 86400, Assert.Single(open.Cql(
            "SELECT default_time_to_live FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'history'", open.Options.Keyspace)).GetValue<int>(0));
    }

    [Fact]
    public async Task What_was_fixed_when_the_keyspace_was_made_is_not_changed()
    {
        using var open = new OpenStore();
        var wrong = await Assert.ThrowsAsync<InputException>(() => CassandraStore.OpenAsync(open.Options with { HistoryBucket = TimeSpan.FromHours(1) }, ct: Ct));
        Assert.StartsWith("cassandra.history_bucket: is 36000000000, but 864000000000 since", wrong.Message);
        open.Cql("UPDATE setting SET value = '9' WHERE name = 'version'");
        var newer = await Assert.ThrowsAsync<InputException>(() => CassandraStore.OpenAsync(open.Options, ct: Ct));
        Assert.Contains("is a store of version 9; this program reads versions 1 to 1", newer.Message);
    }

    [Fact]
    public async Task A_keyspace_that_is_not_there_or_is_another_programs_is_left_alone()
    {
        CassandraServer.SkipWithout();
        var options = CassandraServer.Options();
        var none = await Assert.ThrowsAsync<InputException>(() => CassandraStore.OpenAsync(options with { MakesSchema = false }, ct: Ct));
        Assert.StartsWith($"cassandra.keyspace: the keyspace '{options.Keyspace}' cannot be used", none.Message);
        var foreign = await Assert.ThrowsAsync<InputException>(() => CassandraStore.OpenAsync(options with { Keyspace = "system_traces" }, ct: Ct));
        Assert.StartsWith("cassandra.keyspace: 'system_traces' holds tables of something else", foreign.Message);
        var copies = await Assert.ThrowsAsync<InputException>(() => CassandraStore.OpenAsync(options with { ReplicationFactor = 16 }, ct: Ct));
        Assert.StartsWith("cassandra.replication_factor: 16 copies need as many servers", copies.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failure_that_may_pass()
    {
        var options = new CassandraOptions { ContactPoints = ["127.0.0.1:1"], ConnectWait = TimeSpan.Zero, RequestTimeout = TimeSpan.FromSeconds(2) };
        var failure = await Assert.ThrowsAsync<StoreException>(() => CassandraStore.OpenAsync(options, ct: Ct));
        Assert.Equal(StoreFault.Unavailable, failure.Fault);
        Assert.StartsWith("cassandra://127.0.0.1:1/servimon: no server answers (127.0.0.1:1:", failure.Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(400, 384)]
    [InlineData(3650, 3504)]
    public void Compaction_has_25_windows_over_the_time_that_rows_are_kept(int days, int hours) =>
        Assert.Equal(hours, SchemaMigrations.WindowHours(TimeSpan.FromDays(days)));
}
