namespace ServiMon.Predict.Cli;

/// <summary>A small profile, as a user would write it, for tests of the live service.</summary>
internal static class BrokerProfile
{
    public const string Yaml = """
        profile: broker
        step: 2s
        horizons: [30s, 60s]
        lateness: 10s
        identity: [instance]
        metrics:
          cpu: {kind: gauge, group: pressure, limit: 100}
          requests_total: {kind: counter, group: throughput}
        """;
}
