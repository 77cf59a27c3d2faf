namespace ServiMon.Predict.Cli;

/// <summary>Signals that tests send to a program that they started, by their POSIX numbers.</summary>
internal static class Signals
{
    public const int Interrupt = 2, Terminate = 15;

    /// <summary>Skips the test where a child would never hear of the signal.</summary>
    public static void SkipUnlessHeard(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by POSIX kill");
        Assert.SkipWhen(IsIgnored(signal), "this process was started with the signal ignored (in the background of a script), and children inherit that");
    }

    /// <summary>True when the kernel says that the signal is ignored here: bit signal - 1 of SigIgn (proc(5)); never known elsewhere than on Linux.</summary>
    private static bool IsIgnored(int signal)
    {
        const string Field = "SigIgn:";
        var line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is not null && (Convert.ToUInt64(line[Field.Length..].Trim(), 16) >> (signal - 1) & 1) == 1;
    }
}
