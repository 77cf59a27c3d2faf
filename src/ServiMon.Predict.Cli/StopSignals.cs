using System.Runtime.InteropServices;

namespace ServiMon.Predict.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into one cancellation. A second signal has its usual effect: the process ends at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _first;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code that the signal asks for.</summary>
    public int ExitCode => _first == (int)PosixSignal.SIGINT ? Cli.ExitCode.Interrupted : Cli.ExitCode.Done;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (Interlocked.CompareExchange(ref _first, (int)context.Signal, 0) != 0) return;
        context.Cancel = true;
        _stop.Cancel();
    }
}
