namespace ServiMon.Predict.Cli;

/// <summary>Asked to stop while at work: a clean end, and nothing half written.</summary>
public sealed class StopSignalsTests
{
    [Theory]
    [InlineData(Signals.Interrupt, ExitCode.Interrupted)]
    [InlineData(Signals.Terminate, ExitCode.Done)]
    public void A_signal_ends_the_work_and_leaves_nothing(int signal, int code)
    {
        Signals.SkipUnlessHeard(signal);
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
}
