using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Import;

/// <summary>An import from a real Prometheus with six hours of backfilled history; skipped where there is none on the PATH.</summary>
public sealed class RealPrometheusTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Profile Profile = ProfileReader.Parse(
        """
        profile: pump
        step: 1m
        horizons: [1h]
        identity: [site, host]
        metrics:
          temp_celsius: {kind: gauge, group: pressure, aggregation: mean}
          done_total: {kind: counter, group: throughput}
          not_there: {kind: gauge, group: pressure}
        """, "pump.yaml");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_hold_what_was_sampled_in_them_and_gaps_stay_gaps()
    {
        Assert.SkipUnless(HasPrometheus(), "there is no prometheus and promtool on the PATH");
        using var folder = new TestFolder();
        var text = new StringBuilder("# TYPE temp_celsius gauge\n");
        // Every 30 s, half an hour missing: samples lie within the steps, not on their borders.
        for (var i = 0; i < 720; i++)
            foreach (var host in new[] { "a", "b" })
                if (host == "a" || i is < 240 or >= 300) text.Append(CultureInfo.InvariantCulture, $"temp_celsius{{site=\"x\",host=\"{host}\"}} {i} {Start.AddSeconds(30 * i - 10).ToUnixTimeSeconds()}\n");
        text.Append("# TYPE done counter\n");
        for (var i = 0; i < 720; i++) text.Append(CultureInfo.InvariantCulture, $"done_total{{site=\"x\",host=\"a\"}} {10 * (i % 400)} {Start.AddSeconds(30 * i - 10).ToUnixTimeSeconds()}\n");
        text.Append("# EOF\n");
        var samples = Path.Combine(folder.Path, "samples.txt");
        await File.WriteAllTextAsync(samples, text.ToString(), Ct);
        var blocks = Path.Combine(folder.Path, "tsdb");
        using (var promtool = Run("promtool", ["tsdb", "create-blocks-from", "openmetrics", samples, blocks]))
        {
            await promtool.WaitForExitAsync(Ct);
            Assert.Equal(0, promtool.ExitCode);
        }
        var port = FreePort();
        var configuration = Path.Combine(folder.Path, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, "global: {}\n", Ct);
        using var prometheus = Run("prometheus",
            [$"--config.file={configuration}", $"--storage.tsdb.path={blocks}", "--storage.tsdb.retention.time=100y", $"--web.listen-address=127.0.0.1:{port}"]);
        try
        {
            var url = new Uri($"http://127.0.0.1:{port}/");
            await ReadyAsync(url);
            using var store = EmbeddedStore.Open(Path.Combine(folder.Path, "store"));
            var import = new PrometheusImport(store.History, store.Log, new PrometheusOptions { Url = url, RequestsPerSecond = 100 }, TimeProvider.System, 1);
            var done = await import.RunAsync(Profile, Start, Start.AddHours(5.9), false, null, Ct);

            Assert.Equal(2, done.AssetCount);
            Assert.Contains("no series of not_there", done.Notes);
            var rows = await store.History.ReadAsync(new HistoryQuery { Profile = "pump", Metrics = ["temp_celsius", "done_total"] }, Ct).ToListAsync(Ct);
            var (a, b) = (rows.Single(r => r.Asset == "x/a"), rows.Single(r => r.Asset == "x/b"));
            Assert.Equal(355, a.Count);
            for (var r = 1; r < a.Count; r++)
            {
                // The step that ends at minute m holds the samples 2 m - 1 and 2 m, taken 40 and 10 seconds before its end.
                Assert.Equal(Start.AddMinutes(r).UtcTicks, a.Ticks[r]);
                Assert.Equal(2 * r - 0.5, a.Row(r)[0]);
                Assert.Equal(10 * (2 * r % 400), a.Row(r)[1]);
            }
            // Sample 239 is the last before the gap, in the step of minute 120; 300 the next, in that of minute 150.
            Assert.DoesNotContain(b.Ticks, t => t > Start.AddMinutes(120).UtcTicks && t < Start.AddMinutes(150).UtcTicks);
            Assert.Contains(Start.AddMinutes(150).UtcTicks, b.Ticks);
            Assert.All(Enumerable.Range(0, b.Count), r => Assert.True(double.IsNaN(b.Row(r)[1])));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static bool HasPrometheus() => new[] { "prometheus", "promtool" }.All(name =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name))));

    private static Process Run(string file, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task ReadyAsync(Uri url)
    {
        using var http = new HttpClient();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await http.GetAsync(new Uri(url, "-/ready"), Ct)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (waited.Elapsed < Patience)
            {
                // Not listening yet.
            }
            Assert.True(waited.Elapsed < Patience, "Prometheus does not get ready");
            await Task.Delay(100, Ct);
        }
    }
}
