namespace ServiMon.Predict.Server.Import;

/// <summary>Where a Prometheus is and how it is asked.</summary>
public sealed record PrometheusOptions
{
    /// <summary>Its address, such as <c>http://localhost:9090</c>, with a path where it is behind a prefix.</summary>
    public required Uri Url { get; init; }

    /// <summary>Sent as a bearer token; null (the default) for none.</summary>
    public string? Token { get; init; }

    /// <summary>Requests a second at most. Default 10, range 0.01 to 1000.</summary>
    public double RequestsPerSecond { get; init; } = 10;

    /// <summary>Times that a request is made before it counts as failed. Default 6, at least 1.</summary>
    public int Tries { get; init; } = 6;

    /// <summary>How long an answer may take. Default 2 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}
