using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>One series of an answer.</summary>
internal sealed record QueriedSeries(IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A real Prometheus on loopback with a folder of its own.</summary>
internal sealed class RunningPrometheus : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly RunningProcess _process;
    private readonly string _url;

    /// <param name="configuration">A file.</param>
    /// <param name="folder">For what it stores.</param>
    /// <param name="port">Where it listens; null for any port that is free.</param>
    public RunningPrometheus(string configuration, string folder, int? port = null)
    {
        var address = $"127.0.0.1:{port ?? FreePort()}";
        _url = $"http://{address}";
        _process = new RunningProcess("prometheus", $"--config.file={configuration}", $"--storage.tsdb.path={folder}",
            $"--web.listen-address={address}", "--log.level=warn");
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>The answer to an instant query: one value for each series, an empty list when there is none.</summary>
    public async Task<IReadOnlyList<QueriedSeries>> QueryAsync(string expression)
    {
        using var content = new FormUrlEncodedContent([new("query", expression)]);
        using var answer = await _http.PostAsync($"{_url}/api/v1/query", content);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) throw new HttpRequestException("it is starting");
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(json.GetProperty("status").GetString() == "success", $"{expression}: {json}");
        var data = json.GetProperty("data");
        if (data.GetProperty("resultType").GetString() == "scalar") return [new QueriedSeries(new Dictionary<string, string>(), Number(data.GetProperty("result")))];
        return [.. data.GetProperty("result").EnumerateArray().Select(s => new QueriedSeries(
            s.GetProperty("metric").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!), Number(s.GetProperty("value"))))];
    }

    /// <summary>The first answer to an instant query that is as expected.</summary>
    /// <param name="explain">What is wrong with the last answer; null: the query tells.</param>
    public Task<IReadOnlyList<QueriedSeries>> UntilAsync(
        string expression, Predicate<IReadOnlyList<QueriedSeries>> isExpected, Func<IReadOnlyList<QueriedSeries>, string>? explain = null)
    {
        IReadOnlyList<QueriedSeries> last = [];
        return _process.UntilAsync(async () =>
        {
            try
            {
                last = await QueryAsync(expression);
                return isExpected(last) ? last : null;
            }
            catch (HttpRequestException)
            {
                return null; // not listening yet
            }
        }, () => explain?.Invoke(last) ?? expression);
    }

    public void Dispose()
    {
        _process.Dispose();
        _http.Dispose();
    }

    private static double Number(JsonElement pair) => pair[1].GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text!, NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
