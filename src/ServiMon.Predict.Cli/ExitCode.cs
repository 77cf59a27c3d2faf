namespace ServiMon.Predict.Cli;

/// <summary>What the process returns; scripts rely on these.</summary>
internal static class ExitCode
{
    /// <summary>Done, or asked to stop (SIGTERM) and drained.</summary>
    public const int Done = 0;

    /// <summary>Failed while running.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, configuration or input data; nothing was written.</summary>
    public const int WrongInput = 2;

    /// <summary>Interrupted by the user: 128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;
}
