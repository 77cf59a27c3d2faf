using Google.Protobuf.Reflection;
using Google.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiMon.Predict.Server.Api;

/// <summary>Puts <c>servimon.predict.v1</c> into a web host: gRPC with JSON transcoding, reflection, and health for each service.</summary>
public static class PredictApi
{
    /// <summary>Tag of the health checks that SampleService rests on, beside those of the store. Those with no other tag are not the whole service's.</summary>
    public const string IngestTag = "ingest";

    /// <summary>Tag of the health checks that PredictionService rests on.</summary>
    public const string ScoringTag = "scoring";

    /// <summary>Tag of the health checks that the other services rest on.</summary>
    public const string StoreTag = "store";

    /// <summary>Adds the services. Checks with the tags of this class, added elsewhere, decide the health of the gRPC services.</summary>
    /// <exception cref="InputException">When an option is out of its range.</exception>
    public static IServiceCollection AddPredictApi(this IServiceCollection services, Func<IServiceProvider, ApiParts> parts, ApiOptions? options = null)
    {
        var chosen = options ?? new ApiOptions();
        var problems = chosen.Problems("api").ToList();
        if (problems.Count > 0) throw new InputException(problems);
        services.AddSingleton(provider => parts(provider) with { Options = chosen });
        services.AddSingleton<ComputeSlots>();
        services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<FailureInterceptor>();
            grpc.MaxReceiveMessageSize = chosen.MaxRequestBytes;
            grpc.EnableDetailedErrors = false;
        }).AddJsonTranscoding(json => json.TypeRegistry = TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor, V1.PredictionsReflection.Descriptor));
        services.AddGrpcReflection();
        services.AddHealthChecks()
            .AddCheck<StoreHealth>("store", tags: [StoreTag])
            // The board can always be read; what it shows may rest on more, which adds its own checks.
            .AddCheck("board", () => HealthCheckResult.Healthy(), tags: [ScoringTag]);
        services.AddGrpcHealthChecks(health =>
        {
            // That samples cannot be pushed is no reason to ask another instance for predictions.
            health.Services.Map("", check => check.Tags.Any(tag => tag != IngestTag));
            health.Services.Map(V1.PredictionService.Descriptor.FullName, check => check.Tags.Contains(ScoringTag));
            health.Services.Map(V1.SampleService.Descriptor.FullName, check => check.Tags.Contains(IngestTag) || check.Tags.Contains(StoreTag));
            foreach (var service in new[] { V1.ModelService.Descriptor, V1.IncidentService.Descriptor, V1.ForecastService.Descriptor })
                health.Services.Map(service.FullName, check => check.Tags.Contains(StoreTag));
        });
        return services;
    }

    /// <summary>Maps the services, reflection and the health service to their endpoints.</summary>
    public static void MapPredictApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<PredictionApi>();
        endpoints.MapGrpcService<ModelApi>();
        endpoints.MapGrpcService<IncidentApi>();
        endpoints.MapGrpcService<ForecastApi>();
        endpoints.MapGrpcService<SampleApi>();
        endpoints.MapGrpcReflectionService();
        endpoints.MapGrpcHealthChecksService();
    }
}
