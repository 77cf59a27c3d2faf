using Parquet;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>What is exported is what was stored, in both forms.</summary>
public sealed class ExportVerbTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Csv_that_is_exported_and_imported_again_gives_the_same_bytes()
    {
        var store = small.Stored("exported");
        string Export(string what, string from, string file)
        {
            Servimon.Run("export", what, "--profile", small.Profile, "--store", from, "--output", small.At(file)).Expect(ExitCode.Done);
            return small.At(file);
        }
        var (samples, incidents, maintenance) = (Export("history", store, "h.csv"), Export("incidents", store, "i.csv"), Export("maintenance", store, "m.csv"));
        Servimon.Run("import", "csv", samples, "--profile", small.Profile, "--incidents", incidents, "--maintenance", maintenance, "--store", small.At("again")).Expect(ExitCode.Done);

        Assert.Equal(File.ReadAllBytes(samples), File.ReadAllBytes(Export("history", small.At("again"), "h2.csv")));
        Assert.Equal(File.ReadAllBytes(incidents), File.ReadAllBytes(Export("incidents", small.At("again"), "i2.csv")));
        Assert.Equal(File.ReadAllBytes(maintenance), File.ReadAllBytes(Export("maintenance", small.At("again"), "m2.csv")));
        Assert.Equal(small.Fleet.History.RowCount + 1, File.ReadLines(samples).LongCount());
        Assert.True(small.Fleet.Incidents.Count > 0);
    }

    [Fact]
    public async Task Parquet_holds_the_values_of_the_store()
    {
        var store = small.Stored("parquet");
        var file = small.At("h.parquet");
        var asset = small.Fleet.History.Assets[1];
        var ended = Servimon.Run("export", "history", "--profile", small.Profile, "--store", store, "--output", file, "--asset", asset.Asset).Expect(ExitCode.Done);
        Assert.Equal($"{file}: {asset.Count} rows of history of small", ended.Out.Trim());

        await using var reader = await ParquetReader.CreateAsync(file, cancellationToken: Ct);
        var fields = reader.Schema.GetDataFields();
        Assert.Equal(["time", "asset", .. small.Fleet.History.Metrics], fields.Select(f => f.Name));
        using var group = reader.OpenRowGroupReader(0);
        var times = new DateTime?[asset.Count];
        await group.ReadAsync<DateTime>(fields[0], times, cancellationToken: Ct);
        Assert.Equal(asset.Ticks, times.Select(t => t!.Value.Ticks));
        for (var m = 0; m < asset.Metrics.Count; m++)
        {
            var values = new double?[asset.Count];
            await group.ReadAsync<double>(fields[m + 2], values, cancellationToken: Ct);
            Assert.Equal(Enumerable.Range(0, asset.Count).Select(r => asset.Row(r)[m]), values.Select(v => v ?? double.NaN));
        }
    }

    [Fact]
    public async Task Predictions_have_a_row_for_each_horizon()
    {
        var folder = small.Stored("predictions");
        var time = new DateTimeOffset(2024, 1, 2, 0, 0, 0, TimeSpan.Zero);
        using (var store = EmbeddedStore.Open(folder))
            await store.Log.AppendPredictionsAsync("small",
            [
                new LoggedPrediction("a", time, "m-1", PredictionState.Ready, PredictionBasis.Learned, 1, [new(TimeSpan.FromHours(1), 0.25), new(TimeSpan.FromHours(6), 0.5)], "", time.AddSeconds(5)),
                new LoggedPrediction("b", time, "m-1", PredictionState.Stale, PredictionBasis.Prior, 1, [], "", time.AddSeconds(5)),
            ], Ct);
        Servimon.Run("export", "predictions", "--profile", small.Profile, "--store", folder, "--output", small.At("p.csv")).Expect(ExitCode.Done);

        Assert.Equal(
        [
            "asset,time,horizon_seconds,probability,state,basis,model,given",
            "a,2024-01-02T00:00:00Z,3600,0.25,ready,learned,m-1,2024-01-02T00:00:05Z",
            "a,2024-01-02T00:00:00Z,21600,0.5,ready,learned,m-1,2024-01-02T00:00:05Z",
            "b,2024-01-02T00:00:00Z,,,stale,prior,m-1,2024-01-02T00:00:05Z",
        ], File.ReadLines(small.At("p.csv")));
    }

    [Fact]
    public void A_form_that_is_not_known_and_an_asset_that_is_not_there_leave_no_file()
    {
        var store = small.Stored("refused");
        var form = Servimon.Run("export", "history", "--profile", small.Profile, "--store", store, "--output", small.At("h.xls")).Expect(ExitCode.WrongInput);
        var asset = Servimon.Run("export", "history", "--profile", small.Profile, "--store", store, "--output", small.At("none.csv"), "--asset", "nobody").Expect(ExitCode.WrongInput);

        Assert.StartsWith("servimon: --output: '", form.ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith("servimon: --asset: there is no asset 'nobody' of 'small'", asset.ErrorLines[0], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(small.Folder, "none*"));
        Assert.Empty(Directory.GetFiles(small.Folder, "*.partial"));
    }
}
