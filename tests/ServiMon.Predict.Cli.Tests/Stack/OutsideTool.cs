using System.Diagnostics;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>Programs of others that tests run when they are there.</summary>
internal static class OutsideTool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Full path of a program, or null when no folder of PATH has it.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Skips the test, with the reason, when a program is not there.</summary>
    public static void Require(params string[] names)
    {
        foreach (var name in names)
            Assert.SkipUnless(Find(name) is not null, $"{name} is not on the path: Debian's package 'prometheus' brings it");
    }

    public static Ended Run(string name, string? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"{name} did not end");
        }
        return new Ended(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
