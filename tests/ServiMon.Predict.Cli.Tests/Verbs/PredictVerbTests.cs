using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>predict, against a service in this process.</summary>
public sealed class PredictVerbTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-predict-").FullName;
    private readonly PredictionBoard _board = new();
    private EmbeddedStore _store = null!;
    private TrainingCoordinator _training = null!;
    private WebApplication _app = null!;

    private string Url => _app.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        _store = EmbeddedStore.Open(_folder);
        var profiles = new Dictionary<string, Profile> { ["pump"] = ProfileReader.Parse("profile: pump\nstep: 1m\nhorizons: [1h, 6h]\n", "pump.yaml") };
        _training = new TrainingCoordinator(_store.Models, new Retraining(_store.History, _store.Incidents, _store.Models, profiles),
            new TrainingRuns(), TimeProvider.System, NullLogger<TrainingCoordinator>.Instance, "test");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2));
        builder.Services.AddPredictApi(_ => new ApiParts
        {
            Board = _board, History = _store.History, Incidents = _store.Incidents, Models = _store.Models, Log = _store.Log, Profiles = profiles, Training = _training,
            Intake = (_, _) => throw new OverloadException("no samples here", TimeSpan.FromSeconds(1)),
        });
        _app = builder.Build();
        _app.MapPredictApi();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _board.Put(Prediction(0));
    }

    public async ValueTask DisposeAsync()
    {
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1))) await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        await _training.DisposeAsync();
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static AssetPrediction Prediction(int minute) => new()
    {
        Key = new AssetKey("pump", "array-1/pump-7"), Time = Start.AddMinutes(minute), Given = Start.AddMinutes(minute + 1), State = PredictionState.Ready, Basis = PredictionBasis.Learned,
        Probabilities = [new HorizonProbability(TimeSpan.FromHours(1), 0.031), new HorizonProbability(TimeSpan.FromHours(6), 0.42)],
        Drivers = [new Driver("pressure", 0.75, "temperature 6.1 sd above its baseline")], ModelId = "pump-0123456789ab",
    };

    [Fact]
    public void An_asset_is_told_with_its_risks_and_reasons()
    {
        var text = Servimon.Run("predict", "--asset", "array-1/pump-7", "--url", Url).Expect(ExitCode.Done).Out;
        Assert.Equal("""
            array-1/pump-7 (pump): ready (learned), at 2024-01-01T00:00:00Z, by pump-0123456789ab
              fails within 1h: 3.1 %
              fails within 6h: 42 %
              pressure 75 %: temperature 6.1 sd above its baseline

            """, text);
        using var json = JsonDocument.Parse(Servimon.Run("predict", "--asset", "array-1/pump-7", "--url", Url, "--json").Expect(ExitCode.Done).Out);
        Assert.Equal("ready", json.RootElement.GetProperty("state").GetString());
        Assert.Equal("6h", json.RootElement.GetProperty("probabilities")[1].GetProperty("horizon").GetString());
        Assert.Equal(0.42, json.RootElement.GetProperty("probabilities")[1].GetProperty("probability").GetDouble());
    }

    [Fact]
    public void A_watch_goes_on_until_it_is_stopped()
    {
        var minute = 0;
        var watched = Servimon.Signalled(15, () =>
        {
            if (_board.WatchCount > 0) _board.Put(Prediction(++minute));
            return minute > 40;
        }, "predict", "--asset", "array-1/pump-7", "--url", Url, "--watch").Expect(ExitCode.Done);
        var lines = watched.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 2, 42);
        Assert.StartsWith("2024-01-01T00:", lines[^1]);
        Assert.EndsWith("array-1/pump-7  ready (learned)  1h 3.1 %  6h 42 %  pressure 75 %: temperature 6.1 sd above its baseline", lines[^1]);
    }

    [Fact]
    public void Wrong_names_are_wrong_input_and_a_missing_service_is_a_failure()
    {
        Assert.Equal("servimon: --asset: there is no asset 'array-1/pump-8'; nearest: array-1/pump-7",
            Servimon.Run("predict", "--asset", "array-1/pump-8", "--url", Url).Expect(ExitCode.WrongInput).ErrorLines[0]);
        Assert.Equal("servimon: --url: 'localhost' is no address; expected one such as http://127.0.0.1:5081",
            Servimon.Run("predict", "--asset", "a", "--url", "localhost").Expect(ExitCode.WrongInput).ErrorLines[0]);
        // Port 1 belongs to a service that nobody runs any more (tcpmux).
        Assert.Equal(["servimon: there is no service at http://127.0.0.1:1, or it does not answer; servimon serve starts one"],
            Servimon.Run("predict", "--asset", "a", "--url", "http://127.0.0.1:1").Expect(ExitCode.Failed).ErrorLines);
    }
}
