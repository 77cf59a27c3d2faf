using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ServiMon.Predict.Server.Import;

/// <summary>A query that Prometheus will not answer as it is: too much at once, say.</summary>
internal sealed class QueryRefusedException(string message) : Exception(message);

/// <summary>
/// Asks the HTTP API of a Prometheus (https://prometheus.io/docs/prometheus/latest/querying/api/): not too often, and again with growing pauses
/// when there is no answer.
/// </summary>
internal sealed class PrometheusClient : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5), LongestPause = TimeSpan.FromSeconds(30);

    private readonly PrometheusOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Random _jitter;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public PrometheusClient(PrometheusOptions options, TimeProvider time, ulong seed)
    {
        (_options, _time) = (options, time);
        _http = new HttpClient { Timeout = options.Timeout };
        if (options.Token is { } token) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _jitter = new Random((int)(seed % int.MaxValue));
    }

    /// <summary>Requests made again so far.</summary>
    public int RetryCount { get; private set; }

    /// <param name="path">Below <c>/api/v1/</c>.</param>
    /// <returns>What stands under <c>data</c>.</returns>
    /// <exception cref="InputException">When the address, the token or the query is wrong.</exception>
    /// <exception cref="QueryRefusedException">When the query asks for too much.</exception>
    /// <exception cref="IOException">When there was no answer after all tries.</exception>
    public async Task<JsonElement> GetAsync(string path, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken ct)
    {
        var query = string.Join('&', parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
        var url = new Uri($"{_options.Url.AbsoluteUri.TrimEnd('/')}/api/v1/{path}?{query}");
        for (var attempt = 1; ; attempt++)
        {
            await PauseAsync(ct).ConfigureAwait(false);
            var (data, failure, after) = await TryAsync(url, ct).ConfigureAwait(false);
            if (failure is null) return data;
            if (attempt == _options.Tries) throw new IOException($"{_options.Url}: no answer after {attempt} tries: {failure}");
            RetryCount++;
            var pause = FirstPause * Math.Pow(2, attempt - 1) * (0.5 + 0.5 * _jitter.NextDouble());
            pause = after is { } asked && asked > pause ? asked : pause;
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _time, ct).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Waits until the next request may be made.</summary>
    private async Task PauseAsync(CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        if (_next > now) await Task.Delay(_next - now, _time, ct).ConfigureAwait(false);
        else _next = now;
        _next += TimeSpan.FromSeconds(1 / _options.RequestsPerSecond);
    }

    private async Task<(JsonElement Data, string? Failure, TimeSpan? After)> TryAsync(Uri url, CancellationToken ct)
    {
        try
        {
            using var answer = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            if (answer.StatusCode == HttpStatusCode.TooManyRequests || (status >= 500 && status != 501))
                return (default, $"HTTP {status}", answer.Headers.RetryAfter?.Delta);
            using var stream = await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new InputException(_options.Url.AbsoluteUri, $"refuses access (HTTP {status}): give the right --token-file");
            JsonElement root;
            try
            {
                using var document = await JsonDocument.ParseAsync(stream, default, ct).ConfigureAwait(false);
                root = document.RootElement.Clone();
            }
            catch (JsonException) when (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "application/json")
            {
                return (default, "the answer is cut off", null);
            }
            catch (JsonException)
            {
                throw new InputException(_options.Url.AbsoluteUri, $"answers HTTP {status} and no JSON: is it the address of a Prometheus?");
            }
            return (Content(root, answer.StatusCode), null, null);
        }
        catch (HttpRequestException e)
        {
            return (default, e.Message, null);
        }
        catch (IOException e)
        {
            return (default, e.Message, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (default, string.Create(CultureInfo.InvariantCulture, $"nothing within {_options.Timeout.TotalSeconds:0.#} s"), null);
        }
    }

    private JsonElement Content(JsonElement root, HttpStatusCode status)
    {
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("status", out var word) && word.ValueEquals("success")) return root.GetProperty("data");
        var error = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var text) ? text.GetString() : null;
        if (status == HttpStatusCode.UnprocessableEntity) throw new QueryRefusedException(error ?? "HTTP 422");
        if (error?.Contains("exceeded maximum resolution", StringComparison.Ordinal) == true) throw new QueryRefusedException(error);
        throw new InputException(_options.Url.AbsoluteUri, $"refuses the query (HTTP {(int)status}): {error ?? "no reason given"}");
    }
}
