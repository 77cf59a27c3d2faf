using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>What the service says, on standard error: standard output is for results.</summary>
internal static class ServiceLoggers
{
    public static ILoggerFactory ToStandardError(LogLevel least) => LoggerFactory.Create(logging => Filtered(logging, least)
        .AddSimpleConsole(line => (line.SingleLine, line.TimestampFormat, line.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", true))
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    /// <summary>Warnings, kept to be told later.</summary>
    public static ILoggerFactory To(KeptLines kept) => LoggerFactory.Create(logging => Filtered(logging, LogLevel.Warning).AddProvider(kept));

    /// <summary>A wrong request is its caller's news; health is asked for on /health and over gRPC, and here it would be told anew every half minute.</summary>
    private static ILoggingBuilder Filtered(ILoggingBuilder logging, LogLevel least) => logging
        .SetMinimumLevel(least).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning).AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
}
