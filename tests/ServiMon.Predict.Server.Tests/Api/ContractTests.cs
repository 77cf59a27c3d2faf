using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Server.Api;

/// <summary>What holds for all services: documents, reflection, health, JSON.</summary>
public sealed partial class ContractTests
{
    private static readonly FileDescriptor[] Files =
    [
        V1.PredictionsReflection.Descriptor, V1.ModelsReflection.Descriptor, V1.IncidentsReflection.Descriptor, V1.ForecastsReflection.Descriptor, V1.SamplesReflection.Descriptor,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IEnumerable<ServiceDescriptor> Services => Files.SelectMany(f => f.Services);

    [Fact]
    public void The_table_of_calls_names_every_call_and_no_other()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "protos", "README.md"));
        Assert.Equal(
            Services.SelectMany(s => s.Methods.Select(m => $"{s.Name}.{m.Name}")).Order(StringComparer.Ordinal),
            CallRow().Matches(readme).Select(m => m.Groups["call"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_proto_file_is_compiled() => Assert.Equal(
        Directory.GetFiles(Path.Combine(TestFiles.RepositoryRoot, "protos", "servimon"), "*.proto", SearchOption.AllDirectories).Select(Path.GetFileName).Order(),
        Files.Select(f => Path.GetFileName(f.Name)).Order());

    [Fact]
    public void Every_call_has_a_path_for_json() => Assert.Empty(Services.SelectMany(s => s.Methods)
        .Where(m => m.GetOptions()?.GetExtension(Google.Api.AnnotationsExtensions.Http) is null).Select(m => m.FullName));

    [Fact]
    public async Task Reflection_lists_the_services()
    {
        await using var host = await ApiHost.StartAsync();
        using var call = new ServerReflection.ServerReflectionClient(host.Channel).ServerReflectionInfo(cancellationToken: Token);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        var listed = call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name).ToList();
        Assert.Empty(Services.Select(s => s.FullName).Append("grpc.health.v1.Health").Except(listed));
    }

    [Fact]
    public async Task Health_is_told_for_each_service()
    {
        await using var host = await ApiHost.StartAsync();
        var health = new Health.HealthClient(host.Channel);
        foreach (var service in Services.Select(s => s.FullName).Append(""))
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new() { Service = service })).Status);
        var thrown = await Assert.ThrowsAsync<RpcException>(async () => await health.CheckAsync(new() { Service = "servimon.predict.v1.Nothing" }));
        Assert.Equal(StatusCode.NotFound, thrown.StatusCode);

        host.Store.Dispose();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new() { Service = V1.IncidentService.Descriptor.FullName })).Status);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new() { Service = V1.PredictionService.Descriptor.FullName })).Status);
    }

    [Fact]
    public async Task The_same_answers_come_as_json_over_http()
    {
        await using var host = await ApiHost.StartAsync();
        host.Board.Put(PredictionBoardTests.Prediction("array-1/telescope-3/az-drive", 0, 0.5, "pump"));
        var got = await host.Http.GetFromJsonAsync<JsonElement>("/v1/profiles/pump/predictions/array-1/telescope-3/az-drive", Token);
        Assert.Equal("array-1/telescope-3/az-drive", got.GetProperty("prediction").GetProperty("asset").GetString());
        Assert.Equal("PREDICTION_STATE_READY", got.GetProperty("prediction").GetProperty("state").GetString());
        var list = await host.Http.GetFromJsonAsync<JsonElement>("/v1/predictions?page_size=5&asset_prefix=array", Token);
        Assert.Equal(1, list.GetProperty("predictions").GetArrayLength());

        using var body = new StringContent("""{"incidents":[{"asset":"pump-1","startTime":"2024-01-01T00:00:00Z","kind":"seized"}]}""", Encoding.UTF8, "application/json");
        var reported = await host.Http.PostAsync(new Uri("/v1/profiles/pump/incidents", UriKind.Relative), body, Token);
        Assert.Equal(HttpStatusCode.OK, reported.StatusCode);

        var missing = await host.Http.GetAsync(new Uri("/v1/profiles/pump/predictions/array-1/telescope-3/el-drive", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        var error = await missing.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Contains("nearest: array-1/telescope-3/az-drive", error.GetProperty("message").GetString());
        var wrong = await host.Http.GetAsync(new Uri("/v1/predictions?page_size=5000", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("page_size", await wrong.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        var problems = new ApiOptions { MaxRequestBytes = 1, ComputeSlots = 0, ComputeWait = TimeSpan.FromHours(1), MaxPageSize = 0, UnaryLimit = TimeSpan.Zero }.Problems("api").ToList();
        Assert.Equal(5, problems.Count);
        Assert.Contains(problems, p => p.What == "ComputeSlots is 0, allowed 1 to 64");
    }

    [GeneratedRegex(@"^\| `(?<call>\w+\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex CallRow();
}
