using System.Diagnostics;

namespace ServiMon.Predict.Cli;

/// <summary>What a run of the executable gave.</summary>
public sealed record Ended(int Code, string Out, string Error)
{
    /// <summary>Lines of standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public Ended Expect(int code)
    {
        Assert.True(Code == code, $"exit code {Code}, expected {code}\n--- standard output\n{Out}\n--- standard error\n{Error}");
        return this;
    }
}

/// <summary>Runs the built executable as users do: as a process.</summary>
public static class Servimon
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Ended Run(params string[] args) => Finish(Start(args));

    public static Ended RunIn(string folder, IReadOnlyDictionary<string, string> environment, params string[] args) => Finish(Start(args, folder, environment));

    /// <summary>Starts it, to be asked while it runs.</summary>
    public static RunningServimon Running(IReadOnlyDictionary<string, string> environment, params string[] args) => new(Start(args, null, environment));

    /// <summary>Starts, waits until <paramref name="ready"/>, sends a signal, and waits for the end.</summary>
    public static Ended Signalled(int signal, Func<bool> ready, params string[] args)
    {
        var process = Start(args);
        var waited = Stopwatch.StartNew();
        while (!ready() && !process.HasExited && waited.Elapsed < Patience) process.WaitForExit(20);
        Assert.False(process.HasExited, "the process ended before it could be signalled");
        Assert.Equal(0, Kill(process.Id, signal));
        return Finish(process);
    }

    /// <summary>Starts it and kills it (signal 9) after a while, unless it ends by itself before.</summary>
    public static Ended Killed(TimeSpan after, params string[] args)
    {
        var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(after)) process.Kill();
        process.WaitForExit();
        using (process) return new Ended(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static Process Start(string[] args, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "servimon.dll"), .. args])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Ended Finish(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail("the process did not end");
            }
            process.WaitForExit();
            return new Ended(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
    }

    internal static int Kill(int process, int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        return kill.ExitCode;
    }
}
