using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiMon.Predict.Server.Tests;

/// <summary>Keeps what the service says, and not what the libraries under it say.</summary>
internal sealed class KeptLines : ConcurrentQueue<string>, ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("servimon", StringComparison.Ordinal) ? this : NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));

    public void Dispose() { }
}
