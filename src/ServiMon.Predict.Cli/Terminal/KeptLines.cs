using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>Keeps warnings while a drawn table has the terminal, to be told afterwards.</summary>
internal sealed class KeptLines : ILoggerProvider, ILogger
{
    /// <summary>Lines kept; the first ones say how trouble began.</summary>
    private const int Most = 20;

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && _lines.Count < Most) _lines.Enqueue(formatter(state, exception));
    }

    public void Dispose()
    {
        // Nothing is held but text.
    }
}
