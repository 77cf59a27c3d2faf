using System.Collections.Immutable;
using Google.Rpc;
using Grpc.AspNetCore.HealthChecks;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Configuration;

namespace ServiMon.Predict.Server;

/// <summary>What one instance of the service does; instances of several roles share a store. docs/formats/service-configuration.md.</summary>
public enum ServiceRole
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>Reads topics and keeps history; scores and trains nothing.</summary>
    Ingest,

    /// <summary>Reads topics, scores and answers; trains nothing.</summary>
    Score,

    /// <summary>Trains by schedule and on demand; reads no topic.</summary>
    Train,
}

/// <summary>What belongs to which role.</summary>
public static class ServiceRoles
{
    /// <summary>As they are written, in the order of <see cref="ServiceRole"/>.</summary>
    public static readonly ImmutableArray<string> Names = ["all", "ingest", "score", "train"];

    public static string Text(this ServiceRole role) => Names[(int)role];

    /// <summary>The role of that name.</summary>
    public static bool TryParse(string text, out ServiceRole role)
    {
        var index = Names.IndexOf(text);
        role = (ServiceRole)Math.Max(0, index);
        return index >= 0;
    }

    internal static bool Reads(this ServiceRole role) => role != ServiceRole.Train;

    internal static bool Scores(this ServiceRole role) => role is ServiceRole.All or ServiceRole.Score;

    internal static bool Trains(this ServiceRole role) => role is ServiceRole.All or ServiceRole.Train;

    /// <summary>The options as far as the role heeds them. An instance that keeps history reads every message that those that score read too.</summary>
    internal static ServiceOptions OfItsRole(this ServiceOptions options) => options with
    {
        Kafka = !options.Role.Reads() ? null : options is { Role: ServiceRole.Ingest, Kafka: { } kafka } ? kafka with { Group = $"{kafka.Group}-ingest" } : options.Kafka,
        Schedules = options.Role.Trains() ? options.Schedules : [],
    };

    /// <summary>Refuses what the role does not have, and says so in the health of the services that are not there at all.</summary>
    internal static IServiceCollection AddRole(this IServiceCollection services, ServiceRole role)
    {
        services.AddSingleton(new RoleInterceptor(role));
        services.Configure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<RoleInterceptor>());
        string[] missing = [.. new[] { V1.PredictionService.Descriptor, V1.ForecastService.Descriptor, V1.ModelService.Descriptor, V1.SampleService.Descriptor }
            .Select(s => s.FullName).Where(s => RoleInterceptor.Missing(role, s, method: null) is not null)];
        if (missing.Length == 0) return services;
        // Without a tag it is no part of the whole service's health.
        services.AddHealthChecks().AddCheck("role", () => HealthCheckResult.Unhealthy($"not a part of the role '{role.Text()}'"));
        services.Configure<GrpcHealthChecksOptions>(health =>
        {
            foreach (var service in missing) health.Services.Map(service, check => check.Name == "role");
        });
        return services;
    }
}

/// <summary>Refuses calls to what the instance's role does not have, with UNIMPLEMENTED: another instance may have it.</summary>
internal sealed class RoleInterceptor(ServiceRole role) : Interceptor
{
    private static readonly ImmutableArray<string> TrainingMethods =
        [nameof(V1.ModelService.ModelServiceBase.StartTraining), nameof(V1.ModelService.ModelServiceBase.ListTrainingRuns), nameof(V1.ModelService.ModelServiceBase.WatchTraining)];

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    /// <summary>What the role lacks for a call (scoring, training, …), or null.</summary>
    /// <param name="method">Null for the service as a whole.</param>
    internal static string? Missing(ServiceRole role, string service, string? method)
    {
        if (service == V1.PredictionService.Descriptor.FullName || service == V1.ForecastService.Descriptor.FullName) return role.Scores() ? null : "scoring";
        if (service == V1.SampleService.Descriptor.FullName) return role.Reads() ? null : "ingest";
        if (service != V1.ModelService.Descriptor.FullName) return null;
        if (role == ServiceRole.Ingest) return "models";
        return role.Trains() || method is null || !TrainingMethods.Contains(method) ? null : "training";
    }

    private void Check(ServerCallContext context)
    {
        // "/package.Service/Method".
        var at = context.Method.LastIndexOf('/');
        if (Missing(role, context.Method[1..at], context.Method[(at + 1)..]) is { } missing)
            throw ApiFailure.Failure(Code.Unimplemented, $"ROLE_WITHOUT_{missing.ToUpperInvariant()}",
                $"this instance has the role '{role.Text()}', which is without {missing}; ask one that has it", new() { ["role"] = role.Text() });
    }
}
