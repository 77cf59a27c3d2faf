using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scheduling;

namespace ServiMon.Predict.Server.Tests;

/// <summary>What an instance heeds of its options, and which calls it takes.</summary>
public sealed class ServiceRoleTests
{
    [Theory]
    [InlineData("all", "g", 1)]
    [InlineData("score", "g", 0)]
    [InlineData("ingest", "g-ingest", 0)]
    [InlineData("train", null, 1)]
    public void A_role_leaves_out_topics_or_schedules(string name, string? group, int schedules)
    {
        Assert.True(ServiceRoles.TryParse(name, out var role));
        var options = new ServiceOptions
        {
            Role = role, Kafka = new KafkaOptions { Servers = "a:1", Group = "g" }, Schedules = [new RetrainingSchedule("here", "p", "0 0 0 * * ?")],
        }.OfItsRole();

        Assert.Equal((group, schedules), (options.Kafka?.Group, options.Schedules.Length));
    }

    [Theory]
    [InlineData(ServiceRole.All, "PredictionService", "GetPrediction", null)]
    [InlineData(ServiceRole.Train, "PredictionService", "GetPrediction", "scoring")]
    [InlineData(ServiceRole.Ingest, "ForecastService", "Forecast", "scoring")]
    [InlineData(ServiceRole.Score, "ModelService", "StartTraining", "training")]
    [InlineData(ServiceRole.Score, "ModelService", "PromoteModel", null)]
    [InlineData(ServiceRole.Train, "SampleService", "PushSamples", "ingest")]
    [InlineData(ServiceRole.Ingest, "ModelService", "ListModels", "models")]
    [InlineData(ServiceRole.Ingest, "IncidentService", "ReportIncidents", null)]
    public void A_call_is_refused_for_what_the_role_lacks(ServiceRole role, string service, string method, string? missing) =>
        Assert.Equal(missing, RoleInterceptor.Missing(role, $"servimon.predict.v1.{service}", method));
}
