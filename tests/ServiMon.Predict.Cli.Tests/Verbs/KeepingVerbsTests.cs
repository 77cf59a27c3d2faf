using System.Text.Json;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

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
}
