using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>A process that runs beside the tests until it is disposed of; what it says is kept for messages.</summary>
internal sealed class RunningProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    public RunningProcess(string name, params string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() },
        };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Said
    {
        get { lock (_said) return _said.ToString(); }
    }

    /// <summary>Asks again and again until there is an answer; fails when the process ends or too much time passes.</summary>
    public async Task<T> UntilAsync<T>(Func<Task<T?>> ask, Func<string> what) where T : class
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience)
        {
            if (await ask() is { } answer) return answer;
            Assert.False(_process.HasExited, $"{_process.StartInfo.FileName} ended before: {what()}\n{Said}");
            await Task.Delay(50);
        }
        Assert.Fail($"not within a minute: {what()}\n{Said}");
        throw new InvalidOperationException();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-15", _process.Id.ToString(CultureInfo.InvariantCulture)])) kill.WaitForExit();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill();
        }
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (_said) _said.AppendLine(line);
    }
}
