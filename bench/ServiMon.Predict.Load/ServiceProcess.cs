using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Load;

/// <summary>The real <c>servimon serve</c> as a process of its own, and what the system knows of it.</summary>
internal sealed partial class ServiceProcess : IDisposable
{
    /// <summary>CPU time in /proc is counted in hundredths of a second (USER_HZ of Linux, proc(5)).</summary>
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly List<(TimeSpan At, string Line)> _lines = [];
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly int _httpPort = FreePort();

    private ServiceProcess(string config, string log)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "servimon.dll"), "serve", "--config", config])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        GrpcPort = FreePort();
        start.Environment["SERVIMON__HTTP__PORT"] = _httpPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["SERVIMON__GRPC__PORT"] = GrpcPort.ToString(CultureInfo.InvariantCulture);
        _process = new Process { StartInfo = start };
        void Take(string? line)
        {
            if (line is null) return;
            lock (_lines)
            {
                _lines.Add((_since.Elapsed, line));
                File.AppendAllText(log, line + '\n');
            }
        }
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public int GrpcPort { get; }

    /// <summary>Time since the process was started.</summary>
    public TimeSpan Age => _since.Elapsed;

    /// <summary>Starts it and waits until its health says that it serves.</summary>
    public static async Task<ServiceProcess> StartAsync(string config, string log, CancellationToken ct)
    {
        var service = new ServiceProcess(config, log);
        while (!await service.IsServingAsync(ct))
        {
            if (service._process.HasExited) throw new InvalidOperationException($"the service ended with code {service._process.ExitCode}: {service.LastLines()}");
            if (service.Age > TimeSpan.FromMinutes(2)) throw new InvalidOperationException($"the service does not serve after two minutes: {service.LastLines()}");
            await Task.Delay(10, ct);
        }
        return service;
    }

    /// <summary>When a line with this text was read from the process, after its start; null when there was none.</summary>
    public TimeSpan? SaidAfter(string text)
    {
        lock (_lines)
            foreach (var (at, line) in _lines)
                if (line.Contains(text, StringComparison.Ordinal)) return at;
        return null;
    }

    /// <summary>The sum of the milliseconds that its lines on restored assets tell: one for each assignment of partitions.</summary>
    public TimeSpan Restoring()
    {
        lock (_lines) return TimeSpan.FromMilliseconds(_lines.Sum(l => Restored().Match(l.Line) is { Success: true } m ? long.Parse(m.Groups["ms"].Value, CultureInfo.InvariantCulture) : 0));
    }

    /// <summary>CPU seconds by thread name, user and system, of the threads that live now and of the whole process ("total").</summary>
    public Dictionary<string, double> Cpu()
    {
        var times = new Dictionary<string, double> { ["total"] = CpuOf($"/proc/{Id}/stat").Seconds };
        foreach (var thread in Directory.GetDirectories($"/proc/{Id}/task"))
            try
            {
                var (name, seconds) = CpuOf(Path.Combine(thread, "stat"));
                times[name] = times.GetValueOrDefault(name) + seconds;
            }
            catch (IOException)
            {
                // The thread has ended.
            }
        return times;
    }

    /// <summary>Resident bytes.</summary>
    public long Resident() => 1024 * long.Parse(
        File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>What /metrics tells: name with labels, value.</summary>
    public async Task<Dictionary<string, double>> MetricsAsync(CancellationToken ct)
    {
        var text = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_httpPort}/metrics"), ct);
        var values = new Dictionary<string, double>();
        foreach (var line in text.Split('\n'))
            if (line.Length > 0 && line[0] != '#' && line.LastIndexOf(' ') is > 0 and var cut)
                values[line[..cut]] = double.Parse(line.AsSpan(cut + 1), NumberStyles.Float, CultureInfo.InvariantCulture);
        return values;
    }

    /// <summary>Asks it to end, as an operator does, and waits until it has drained.</summary>
    public async Task<int> StopAsync(CancellationToken ct)
    {
        using (var kill = Process.Start("kill", ["-15", Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(ct);
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsServingAsync(CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}/health"), ct);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private string LastLines()
    {
        lock (_lines) return string.Join(" | ", _lines.TakeLast(5).Select(l => l.Line));
    }

    private static (string Name, double Seconds) CpuOf(string stat)
    {
        var match = Stat().Match(File.ReadAllText(stat));
        var fields = match.Groups["rest"].Value.Split(' ');
        // utime and stime are fields 14 and 15; what follows the name begins with field 3.
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return (match.Groups["name"].Value, ticks / TicksPerSecond);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"restored \d+ assets in (?<ms>\d+) ms")]
    private static partial Regex Restored();

    [GeneratedRegex(@"^\d+ \((?<name>.*)\) (?<rest>.*)", RegexOptions.Singleline)]
    private static partial Regex Stat();
}
