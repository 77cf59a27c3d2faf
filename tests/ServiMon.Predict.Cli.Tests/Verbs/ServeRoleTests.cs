using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>What each role of the service does and what it refuses, as processes that share a store.</summary>
public sealed class ServeRoleTests(SmallFleet small) : IClassFixture<SmallFleet>, IDisposable
{
    private const string Prediction = "servimon.predict.v1.PredictionService", Models = "servimon.predict.v1.ModelService", Samples = "servimon.predict.v1.SampleService";
    private const int Terminate = 15;

    /// <summary>2025-06-01T00:00:00Z: what is older than <c>retire_after</c> would be retired at the next sweep, before or after it is asked for.</summary>
    private const long Recent = 1_748_736_000_000_000_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-roles-");

    [Fact]
    public async Task Ingest_keeps_what_a_simulation_produces_and_takes_its_incidents_but_predicts_nothing()
    {
        using var cluster = new MockCluster();
        var config = Config("ingest.json", "kafka-broker", $$""", "role": "ingest", "kafka": {"servers": "{{cluster.Servers}}", "retire_after": "3650d", "save_every": "200ms", "topics": [{"topic": "fleet", "format": "servimon"}]}""");
        cluster.Produce("fleet", 0, new V1.SampleBatch { Profile = "kafka-broker", Asset = "other", Metrics = { "probe_up" }, MetricIndex = { 0 }, TimeOffsetNanos = { 0 }, Value = { 1 } }.ToByteArray());
        cluster.Flush();
        using var service = Servimon.Running(new Dictionary<string, string>(), "serve", "--config", config);
        using var channel = Channel(service);
        var simulated = Servimon.Run("simulate", "--fleet", "brokers", "--assets", "4", "--days", "3", "--speed", "1000000", "--for", "6s", "--seed", "2",
            "--kafka", "--config", config, "--url", $"http://{channel.Target}", "--out", At("events")).Expect(ExitCode.Done);
        using var store = EmbeddedStore.Open(At("store"));
        service.Until(() => store.History.ListAssetsAsync("kafka-broker", CancellationToken.None).GetAwaiter().GetResult().Sum(a => a.RowCount) > 1000, "no history was kept");
        // The profile's rules have seen some of the failures too.
        var reported = await store.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = "kafka-broker" }, TestContext.Current.CancellationToken)
            .CountAsync(i => !i.IsFromRule, TestContext.Current.CancellationToken);

        Assert.Contains("to fleet at 127.0.0.1:", simulated.Out, StringComparison.Ordinal);
        Assert.Contains($"with {reported} incidents", simulated.Out, StringComparison.Ordinal);
        Assert.True(reported > 0, simulated.Out);
        Assert.Equal(reported + 1, File.ReadLines(At("events/kafka-broker/incidents.csv")).Count());
        await AssertRefused(() => new V1.PredictionService.PredictionServiceClient(channel).ListPredictionsAsync(new V1.ListPredictionsRequest(), cancellationToken: TestContext.Current.CancellationToken).ResponseAsync, "ingest", "scoring");
        await AssertRefused(() => new V1.ModelService.ModelServiceClient(channel).ListModelsAsync(new V1.ListModelsRequest(), cancellationToken: TestContext.Current.CancellationToken).ResponseAsync, "ingest", "models");
        await AssertHealth(channel, (Prediction, ServingStatus.NotServing), (Models, ServingStatus.NotServing), ("", ServingStatus.Serving));
        Assert.DoesNotContain(await store.Log.ReadPredictionsAsync(new LogQuery { Profile = "kafka-broker" }, TestContext.Current.CancellationToken).Take(1).ToListAsync(TestContext.Current.CancellationToken), _ => true);
        service.End(Terminate).Expect(ExitCode.Done);
    }

    [Fact]
    public async Task Train_trains_on_demand_and_score_scores_and_each_refuses_the_others_part()
    {
        Directory.Move(small.Stored("roles"), At("store"));
        var config = Config("train.json", small.Profile, "");
        using (var service = Servimon.Running(new Dictionary<string, string>(), "serve", "--role", "train", "--config", config))
        {
            using var channel = Channel(service);
            var models = new V1.ModelService.ModelServiceClient(channel);
            var run = (await models.StartTrainingAsync(new V1.StartTrainingRequest { Profile = "small" }, cancellationToken: TestContext.Current.CancellationToken)).Run;
            using var watch = models.WatchTraining(new V1.WatchTrainingRequest { RunId = run.RunId }, cancellationToken: TestContext.Current.CancellationToken);
            V1.TrainingRun? last = null;
            await foreach (var change in watch.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken)) last = change.Run;

            Assert.Equal(V1.TrainingState.Succeeded, last!.State);
            await AssertRefused(() => new V1.PredictionService.PredictionServiceClient(channel).GetPredictionAsync(new V1.GetPredictionRequest { Asset = "a" }, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync, "train", "scoring");
            await AssertHealth(channel, (Prediction, ServingStatus.NotServing), (Samples, ServingStatus.NotServing), (Models, ServingStatus.Serving), ("", ServingStatus.Serving));
            service.End(Terminate).Expect(ExitCode.Done);
        }

        using var cluster = new MockCluster();
        for (var step = 0; step < 5; step++)
            cluster.Produce("fleet", 0, new V1.SampleBatch
            {
                Profile = "small", Asset = "broker-1", BaseTimeUnixNanos = Recent + step * 600_000_000_000, Metrics = { "probe_up" }, MetricIndex = { 0 }, TimeOffsetNanos = { 0 }, Value = { 1 },
            }.ToByteArray());
        cluster.Flush();
        config = Config("score.json", small.Profile, $$""", "kafka": {"servers": "{{cluster.Servers}}", "retire_after": "3650d", "topics": [{"topic": "fleet", "format": "servimon"}]}""");
        using var scoring = Servimon.Running(new Dictionary<string, string>(), "serve", "--role", "score", "--config", config);
        using var toScoring = Channel(scoring);
        var scored = new ModelCalls(toScoring);
        scoring.Until(() => scored.HasPredicted("broker-1"), "broker-1 was not predicted");
        await AssertRefused(() => scored.Models.StartTrainingAsync(new V1.StartTrainingRequest { Profile = "small" }, cancellationToken: TestContext.Current.CancellationToken).ResponseAsync, "score", "training");
        Assert.Single((await scored.Models.ListModelsAsync(new V1.ListModelsRequest(), cancellationToken: TestContext.Current.CancellationToken)).Models);
        await AssertHealth(toScoring, (Prediction, ServingStatus.Serving), (Models, ServingStatus.Serving), ("", ServingStatus.Serving));
        scoring.End(Terminate).Expect(ExitCode.Done);
    }

    [Fact]
    public void A_role_that_there_is_not_is_named_with_those_there_are()
    {
        Assert.Equal("servimon: --role: 'trian' is not one of all, ingest, score, train", Servimon.Run("serve", "--role", "trian").Expect(ExitCode.WrongInput).ErrorLines[0]);
        var config = Config("wrong.json", "host", ", \"role\": \"trian\"");
        Assert.Contains("role: 'trian' is no role; allowed: all, ingest, score, train", Servimon.Run("serve", "--config", config).Expect(ExitCode.WrongInput).ErrorLines[0], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string Config(string name, string profile, string more)
    {
        File.WriteAllText(At(name), $$"""{"store": {"path": "{{At("store")}}"}, "profiles": ["{{profile}}"], "http": {"port": 0}, "grpc": {"port": 0}{{more}}}""");
        return At(name);
    }

    /// <summary>To where the service says that it speaks gRPC.</summary>
    private static GrpcChannel Channel(RunningServimon service)
    {
        var line = service.LineWith("gRPC at ");
        return GrpcChannel.ForAddress(line[(line.IndexOf("gRPC at ", StringComparison.Ordinal) + "gRPC at ".Length)..]);
    }

    private static async Task AssertRefused(Func<Task> call, string role, string missing)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        Assert.StartsWith($"this instance has the role '{role}', which is without {missing}", refused.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task AssertHealth(GrpcChannel channel, params (string Service, ServingStatus Status)[] expected)
    {
        var health = new Health.HealthClient(channel);
        foreach (var (service, status) in expected)
            Assert.Equal((service, status), (service, (await health.CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: TestContext.Current.CancellationToken)).Status));
    }

    private sealed class ModelCalls(GrpcChannel channel)
    {
        private readonly V1.PredictionService.PredictionServiceClient _predictions = new(channel);

        public V1.ModelService.ModelServiceClient Models { get; } = new(channel);

        public bool HasPredicted(string asset)
        {
            try
            {
                return _predictions.GetPrediction(new V1.GetPredictionRequest { Asset = asset }).Prediction.ModelId.Length > 0;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                return false;
            }
        }
    }
}
