using System.Text.Json;
using Microsoft.Data.Sqlite;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>import, train, models: the verbs that work on a store.</summary>
public sealed class StoreVerbsTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Import_is_idempotent_and_counts()
    {
        string[] import = ["import", "csv", small.Samples, "--profile", small.Profile, "--incidents", small.Incidents, "--maintenance", small.Maintenance, "--store", small.At("twice")];
        var rows = small.Fleet.History.RowCount;
        var first = Servimon.Run(import).Expect(ExitCode.Done).Out;
        var second = Servimon.Run([.. import, "--json"]).Expect(ExitCode.Done).Out;

        Assert.StartsWith($"small: 5 assets, {rows} new rows, {small.Fleet.Incidents.Count} new incidents,", first, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(second);
        Assert.Equal(0, json.RootElement.GetProperty("rows").GetProperty("added").GetInt64());
        Assert.Equal(rows, json.RootElement.GetProperty("rows").GetProperty("replaced").GetInt64());
    }

    [Fact]
    public void A_trained_model_is_a_candidate_that_can_be_listed_and_shown()
    {
        var store = small.Stored("trained");
        var trained = Servimon.Run("train", "--profile", small.Profile, "--store", store).Expect(ExitCode.Done).Out;
        var id = trained.Split(':')[0];
        using var list = JsonDocument.Parse(Servimon.Run("models", "list", "--store", store, "--json").Expect(ExitCode.Done).Out);
        var shown = Servimon.Run("models", "show", id, "--store", store).Expect(ExitCode.Done).Out;

        Assert.Contains(": candidate, basis ", trained, StringComparison.Ordinal);
        Assert.Equal(id, list.RootElement[0].GetProperty("id").GetString());
        Assert.Equal("candidate", list.RootElement[0].GetProperty("state").GetString());
        Assert.Contains("# Failure model for small", shown, StringComparison.Ordinal);
        using var details = JsonDocument.Parse(Servimon.Run("models", "show", id, "--store", store, "--json").Expect(ExitCode.Done).Out);
        foreach (var metric in details.RootElement.GetProperty("metrics").EnumerateArray())
        {
            Assert.True(metric.GetProperty("steps").GetInt64() > 100);
            var quantiles = metric.GetProperty("quantiles").EnumerateObject().ToList();
            Assert.Equal(["0.01", "0.05", "0.5", "0.95", "0.99"], quantiles.Select(q => q.Name));
            Assert.Equal(quantiles.Select(q => q.Value.GetDouble()).Order(), quantiles.Select(q => q.Value.GetDouble()));
            Assert.Contains($"| {metric.GetProperty("metric").GetString()} | {metric.GetProperty("steps")} | ", shown, StringComparison.Ordinal);
        }
        Assert.NotEqual(0, details.RootElement.GetProperty("metrics").GetArrayLength());
        Assert.Equal(
            [$"servimon: ID: there is no model '{id}x' in {store}; did you mean '{id}'?"],
            Servimon.Run("models", "show", id + "x", "--store", store).Expect(ExitCode.WrongInput).ErrorLines);
    }

    [Fact]
    public async Task Training_goes_on_where_it_was_stopped_unless_told_to_begin_anew()
    {
        var store = small.Stored("stopped");
        string[] train = ["train", "--profile", small.Profile, "--store", store];
        await StopAsync();
        var resumed = Servimon.Run(train).Expect(ExitCode.Done).Out;
        var whole = Servimon.Run(train).Expect(ExitCode.Done).Out;
        await StopAsync();
        var anew = Servimon.Run([.. train, "--anew"]).Expect(ExitCode.Done).Out;

        Assert.StartsWith("went on after ", resumed, StringComparison.Ordinal);
        Assert.Contains(" of 5 assets, with the history until ", resumed, StringComparison.Ordinal);
        Assert.DoesNotContain("went on", whole, StringComparison.Ordinal);
        Assert.Equal(whole.Split('\n')[1..], resumed.Split('\n')[2..]);
        Assert.Equal(whole.Split('\n')[1..], anew.Split('\n')[1..]);
        Assert.Empty(Directory.GetFiles(Path.Combine(store, "training")));

        async Task StopAsync()
        {
            using var opened = EmbeddedStore.Open(store);
            using var stopping = new CancellationTokenSource();
            var (profile, reading) = (ProfileFiles.Read(small.Profile), new ReadingOptions());
            using var checkpoint = ReadingCheckpoint.Open(Path.Combine(store, "training"), profile.Name, TrainVerb.Asked(1, null, reading));
            var fleet = await FleetInStore.OpenAsync(opened.History, opened.Incidents, profile, CancellationToken.None, checkpoint);
            var request = new TrainingRequest { Profile = fleet.Complete(profile), Fleet = fleet, Checkpoint = checkpoint, Reading = reading with { Parallelism = 1 } };
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Train(request, new Stopping(stopping), stopping.Token));
        }
    }

    /// <summary>Stops when half of the rows were read.</summary>
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Share > 0.5) stop.Cancel();
        }
    }

    [Fact]
    public void A_model_is_promoted_and_rolled_back_by_hand()
    {
        var store = small.Stored("promoted");
        string Train(string seed) => Servimon.Run("train", "--profile", small.Profile, "--store", store, "--seed", seed).Expect(ExitCode.Done).Out.Split(':')[0];
        var (first, second) = (Train("1"), Train("2"));
        Servimon.Run("models", "promote", first, "--store", store).Expect(ExitCode.Done);
        var promoted = Servimon.Run("models", "promote", second, "--store", store).Expect(ExitCode.Done).Out;
        using var rolledBack = JsonDocument.Parse(Servimon.Run("models", "rollback", "--profile", "small", "--store", store, "--json").Expect(ExitCode.Done).Out);

        Assert.Equal($"{second} is the champion of 'small'", promoted.Trim());
        Assert.Equal((first, "champion"), (rolledBack.RootElement.GetProperty("id").GetString(), rolledBack.RootElement.GetProperty("state").GetString()));
        Assert.StartsWith("servimon: --profile: ", Servimon.Run("models", "rollback", "--profile", "small", "--store", store).Expect(ExitCode.WrongInput).ErrorLines[0], StringComparison.Ordinal);
        Assert.Equal([$"servimon: ID: there is no model '{first}x' in {store}; did you mean '{first}'?"],
            Servimon.Run("models", "promote", first + "x", "--store", store).Expect(ExitCode.WrongInput).ErrorLines);
    }

    [Fact]
    public void Training_without_any_incident_says_what_it_does_then()
    {
        var store = small.At("no-incident");
        Servimon.Run("import", "csv", small.Samples, "--profile", small.Profile, "--store", store).Expect(ExitCode.Done);
        var trained = Servimon.Run("train", "--profile", small.Profile, "--store", store).Expect(ExitCode.Done).Out;

        Assert.StartsWith("no incident of 'small' in the store: the base rate of the profile, moved by how unusual the evidence is, answers until there are some", trained, StringComparison.Ordinal);
        Assert.Contains("basis evidence", trained, StringComparison.Ordinal);
    }

    [Fact]
    public void Looking_for_a_store_does_not_make_one()
    {
        var folder = small.At("nowhere");
        Servimon.Run("models", "list", "--store", folder).Expect(ExitCode.WrongInput);
        Servimon.Run("train", "--profile", small.Profile, "--store", folder).Expect(ExitCode.WrongInput);

        Assert.False(Path.Exists(folder));
    }

    [Fact]
    public void A_profile_without_history_and_a_time_before_all_history_are_wrong_input()
    {
        var store = small.Stored("other");
        var other = Servimon.Run("train", "--profile", "host", "--store", store).Expect(ExitCode.WrongInput);
        var before = Servimon.Run("train", "--profile", small.Profile, "--until", "2020-01-01", "--store", store).Expect(ExitCode.WrongInput);

        Assert.StartsWith($"servimon: --profile: the store {store} has no history of 'host'; import some", other.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith($"servimon: --profile: the store {store} has no history of 'small' before --until", before.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_of_a_newer_version_is_refused_in_one_line()
    {
        var store = small.Stored("newer");
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(store, "servimon.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }
        var ended = Servimon.Run("models", "list", "--store", store).Expect(ExitCode.WrongInput);

        Assert.Contains("999", Assert.Single(ended.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tampered_bundle_is_refused()
    {
        var store = small.Stored("tampered");
        var id = Servimon.Run("train", "--profile", small.Profile, "--store", store).Expect(ExitCode.Done).Out.Split(':')[0];
        var bundle = Assert.Single(Directory.EnumerateFiles(Path.Combine(store, "models"), "*", SearchOption.AllDirectories));
        var bytes = File.ReadAllBytes(bundle);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(bundle, bytes);
        var ended = Servimon.Run("models", "show", id, "--store", store).Expect(ExitCode.WrongInput);

        Assert.Contains(id, Assert.Single(ended.ErrorLines), StringComparison.Ordinal);
    }
}
