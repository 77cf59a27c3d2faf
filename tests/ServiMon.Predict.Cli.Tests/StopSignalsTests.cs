namespace ServiMon.Predict.Cli;

/// <summary>Asked to stop while at work: a clean end, and nothing half written.</summary>
public sealed class StopSignalsTests
{
    private const int Interrupt = 2, Terminate = 15;

    [Theory]
    [InlineData(Interrupt, ExitCode.Interrupted)]
    [InlineData(Terminate, ExitCode.Done)]
    public void A_signal_ends_the_work_and_leaves_nothing(int signal, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by POSIX kill");
        Assert.SkipWhen(IsIgnored(signal), "this process was started with the signal ignored (in the background of a script), and children inherit that");
        var parent = Directory.CreateTempSubdirectory("servimon-tests-");
        try
        {
            var target = Path.Combine(parent.FullName, "out");
            // The folder appears when the work begins; the simulation would take minutes.
            var ended = Servimon.Signalled(signal, () => Directory.Exists(target), "simulate", "--fleet", "observatory", "--days", "300", "--assets", "20", "--out", target);

            ended.Expect(code);
            Assert.Equal(["servimon: stopped before the end"], ended.ErrorLines);
            Assert.Empty(Directory.EnumerateFileSystemEntries(parent.FullName));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    /// <summary>True when the kernel says that the signal is ignored here: bit signal - 1 of SigIgn (proc(5)); never known elsewhere than on Linux.</summary>
    private static bool IsIgnored(int signal)
    {
        const string Field = "SigIgn:";
        var line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is not null && (Convert.ToUInt64(line[Field.Length..].Trim(), 16) >> (signal - 1) & 1) == 1;
    }
}
