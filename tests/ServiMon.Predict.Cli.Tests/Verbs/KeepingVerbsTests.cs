using System.Text.Json;
using Microsoft.Data.Sqlite;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>backup, restore, retain, assets, and imports that are killed.</summary>
public sealed class KeepingVerbsTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void A_backup_is_restored_and_trains_the_same_model()
    {
        var store = small.Stored("kept");
        var trained = Servimon.Run("train", "--profile", small.Profile, "--store", store).Expect(ExitCode.Done).Out.Split(':')[0];
        Servimon.Run("backup", "--to", small.At("backup"), "--store", store).Expect(ExitCode.Done);
        Servimon.Run("restore", "--from", small.At("backup"), "--store", small.At("restored")).Expect(ExitCode.Done);

        Assert.Contains(trained, Servimon.Run("models", "list", "--store", small.At("restored")).Expect(ExitCode.Done).Out, StringComparison.Ordinal);
        Assert.Equal(trained, Servimon.Run("train", "--profile", small.Profile, "--store", small.At("restored")).Expect(ExitCode.Done).Out.Split(':')[0]);
        var again = Servimon.Run("restore", "--from", small.At("backup"), "--store", small.At("restored")).Expect(ExitCode.WrongInput);
        Assert.Contains("holds a store already", again.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Assets_are_listed_renamed_retired_and_removed()
    {
        var store = small.Stored("assets");
        Ended Assets(params string[] arguments) => Servimon.Run(["assets", .. arguments, "--profile", "small", "--store", store]);
        var (first, second) = (small.Fleet.History.Assets[0], small.Fleet.History.Assets[1]);
        Assert.StartsWith($"{first.Asset}: rename to new, {first.Count} rows, ", Assets("rename", first.Asset, "new").Expect(ExitCode.Done).Out, StringComparison.Ordinal);
        Assert.Equal([$"servimon: TO: there is an asset 'new' of 'small' already; --merge adds to it"], Assets("rename", second.Asset, "new").Expect(ExitCode.WrongInput).ErrorLines);
        Assert.StartsWith("new is retired from ", Assets("retire", "new").Expect(ExitCode.Done).Out, StringComparison.Ordinal);
        Assets("remove", second.Asset).Expect(ExitCode.Done);
        using var json = JsonDocument.Parse(Assets("list", "--json").Expect(ExitCode.Done).Out);
        Assert.Equal(
            small.Fleet.History.Assets.Skip(2).Select(a => a.Asset).Append("new").Order(StringComparer.Ordinal),
            json.RootElement.EnumerateArray().Select(a => a.GetProperty("asset").GetString()));
    }

    [Fact]
    public void What_is_older_than_asked_is_removed()
    {
        var store = small.Stored("retained");
        var ended = Servimon.Run("retain", "--profile", "small", "--history", "1d", "--store", store, "--json").Expect(ExitCode.Done);
        using var json = JsonDocument.Parse(ended.Out);
        Assert.Equal(small.Fleet.History.RowCount, json.RootElement.GetProperty("rows").GetInt64()); // all of 2024
        Assert.Equal(0, json.RootElement.GetProperty("models").GetInt32());
        Servimon.Run("retain", "--profile", "small", "--store", store).Expect(ExitCode.WrongInput);
    }

    /// <summary>Long enough that a kill finds it at work; wherever it was, the same command brings the rest.</summary>
    [Fact]
    public void An_import_that_was_killed_goes_on_and_loses_nothing()
    {
        const int rows = 450_000;
        var asset = new AssetRows("a", ["m"], [.. Enumerable.Range(0, rows).Select(i => new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks + i * TimeSpan.TicksPerSecond)],
            [.. Enumerable.Range(0, rows).Select(i => (double)i)]);
        SampleFile.WriteWide(small.At("long.csv"), new FleetHistory(["m"], [asset]));
        string[] import = ["import", "csv", small.At("long.csv"), "--profile", small.Profile, "--store", small.At("killed")];
        Servimon.Killed(TimeSpan.FromSeconds(3), import);
        Servimon.Killed(TimeSpan.FromSeconds(5), import);
        Servimon.Run(import).Expect(ExitCode.Done);
        using var json = JsonDocument.Parse(Servimon.Run("assets", "list", "--profile", "small", "--store", small.At("killed"), "--json").Expect(ExitCode.Done).Out);
        Assert.Equal(rows, json.RootElement[0].GetProperty("row_count").GetInt64());
    }

    [Fact]
    public void Two_processes_write_into_one_store_at_the_same_time_and_nothing_is_lost()
    {
        const int rows = 60_000, shared = 20_000;
        string[] files = [small.At("left.csv"), small.At("right.csv")];
        // Each has an asset of its own, and a part of a third: its metric of the times that they share.
        for (var f = 0; f < files.Length; f++)
            SampleFile.WriteWide(files[f], new FleetHistory(["m", $"m{f}"], [Ramp($"own-{f}", rows, ["m", $"m{f}"]), Ramp("shared", shared, ["m", $"m{f}"])]));
        var store = small.Stored("both");
        RunningServimon[] imports;
        // Neither can write until both have the store open.
        using (var held = new HeldStore(store))
        {
            imports = [.. files.Select(f => Servimon.Running(new Dictionary<string, string>(), "import", "csv", f, "--profile", small.Profile, "--store", store))];
            foreach (var import in imports) import.Until(() => held.IsOpenedBy(import.Id), "the store is not opened");
        }
        foreach (var import in imports)
        {
            import.End().Expect(ExitCode.Done);
            import.Dispose();
        }

        using var json = JsonDocument.Parse(Servimon.Run("assets", "list", "--profile", "small", "--store", store, "--json").Expect(ExitCode.Done).Out);
        var counts = json.RootElement.EnumerateArray().ToDictionary(a => a.GetProperty("asset").GetString()!, a => a.GetProperty("row_count").GetInt64());
        Assert.Equal((rows, rows, shared), (counts["own-0"], counts["own-1"], counts["shared"]));
        Servimon.Run("export", "history", "--profile", small.Profile, "--store", store, "--asset", "shared", "--output", small.At("shared.csv")).Expect(ExitCode.Done);
        var both = File.ReadLines(small.At("shared.csv")).Skip(1).Count(l => l.Split(',')[^2..].All(v => v.Length > 0));
        Assert.Equal(shared, both);
    }

    [Fact]
    public void A_long_file_tells_each_row_once()
    {
        // By metric, then by time: every piece but the first has rows that an earlier one has stored.
        const int rows = 150_000;
        File.WriteAllLines(small.At("by-metric.csv"), new[] { "a", "b", "c" }.SelectMany(metric => Enumerable.Range(0, rows)
            .Select(i => FormattableString.Invariant($"{new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(i):yyyy-MM-dd'T'HH:mm:ss'Z'},{metric},{i},pump"))).Prepend("time,metric,value,asset"));
        string[] import = ["import", "csv", small.At("by-metric.csv"), "--profile", small.Profile, "--store", small.At("by-metric")];
        Assert.Contains($" {rows} new rows, ", Servimon.Run(import).Expect(ExitCode.Done).Out, StringComparison.Ordinal);
        Assert.Contains($" 0 new rows ({rows} were there), ", Servimon.Run(import).Expect(ExitCode.Done).Out, StringComparison.Ordinal);
    }

    private static AssetRows Ramp(string asset, int rows, string[] metrics) => new(
        asset, metrics, [.. Enumerable.Range(0, rows).Select(i => new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks + i * TimeSpan.TicksPerSecond)],
        [.. Enumerable.Range(0, rows * metrics.Length).Select(i => (double)i)]);

    /// <summary>A store that nobody can write to as long as this lives.</summary>
    private sealed class HeldStore : IDisposable
    {
        private readonly string _file;
        private readonly SqliteConnection _connection;

        public HeldStore(string store)
        {
            _file = Path.Combine(store, EmbeddedStore.FileName);
            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false }.ToString());
            _connection.Open();
            Execute("BEGIN IMMEDIATE");
        }

        /// <summary>Whether a process has it open: what Linux says of its files.</summary>
        public bool IsOpenedBy(int process)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "open files of a process are known on Linux");
            try
            {
                return Directory.EnumerateFiles($"/proc/{process}/fd").Any(f => File.ResolveLinkTarget(f, returnFinalTarget: false)?.FullName == _file);
            }
            catch (IOException)
            {
                // A descriptor was closed meanwhile.
                return false;
            }
        }

        public void Dispose()
        {
            Execute("ROLLBACK");
            _connection.Dispose();
        }

        private void Execute(string sql)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
