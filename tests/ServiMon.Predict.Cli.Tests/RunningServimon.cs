using System.Diagnostics;

namespace ServiMon.Predict.Cli;

/// <summary>The executable as a process that is asked while it runs. Ends with this object.</summary>
public sealed class RunningServimon : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Task<string> _error;
    private readonly Task _reading;

    public RunningServimon(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
        _reading = Task.Run(async () =>
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
                lock (_lines) _lines.Add(line);
        });
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Lines
    {
        get { lock (_lines) return [.. _lines]; }
    }

    /// <summary>The first line of standard output that is so, waited for.</summary>
    public string LineWith(string part)
    {
        string? found = null;
        Until(() => (found = Lines.FirstOrDefault(l => l.Contains(part, StringComparison.Ordinal))) is not null, $"no line with '{part}'");
        return found!;
    }

    /// <summary>Waits until something is so.</summary>
    public void Until(Func<bool> isSo, string otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (!isSo())
        {
            if (_process.HasExited) Assert.Fail($"{otherwise}, and the process has ended with {_process.ExitCode}\n{string.Join('\n', Lines)}\n{_error.GetAwaiter().GetResult()}");
            Assert.True(waited.Elapsed < Patience, $"{otherwise} after {Patience}\n{string.Join('\n', Lines)}");
            _process.WaitForExit(50);
        }
    }

    /// <summary>Sends a signal, if any, and waits for the end.</summary>
    public Ended End(int signal = 0)
    {
        if (signal != 0) Servimon.Kill(_process.Id, signal);
        Assert.True(_process.WaitForExit(Patience), "the process did not end");
        _reading.GetAwaiter().GetResult();
        return new Ended(_process.ExitCode, string.Join('\n', Lines), _error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
