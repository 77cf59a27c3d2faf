using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>What Prometheus scrapes and writes to, on loopback, each with a port of its own: recorded scrapes and what is remotely written.</summary>
internal sealed class StandInTargets : IDisposable
{
    private readonly List<HttpListener> _listeners = [];
    private readonly ConcurrentDictionary<string, bool> _written = new();

    /// <summary>Texts of names and labels that have been written so far.</summary>
    public ICollection<string> Written => _written.Keys;

    /// <summary>Starts to answer every request with a text.</summary>
    /// <returns>Host and port.</returns>
    public string Serve(string text) => Listen(async context =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
    });

    /// <summary>Starts to take remote writes.</summary>
    /// <returns>Host and port.</returns>
    public string TakeRemoteWrites() => Listen(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        foreach (var text in Texts(SnappyBlock(body.ToArray()))) _written.TryAdd(text, true);
        context.Response.StatusCode = 204;
    });

    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Close();
    }

    private string Listen(Func<HttpListenerContext, Task> answer)
    {
        var address = $"127.0.0.1:{RunningPrometheus.FreePort()}";
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://{address}/");
        listener.Start();
        _listeners.Add(listener);
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var context = await listener.GetContextAsync();
                    await answer(context);
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Closed.
            }
        });
        return address;
    }

    /// <summary>Runs of printable characters: in a WriteRequest those are names and values of labels, each after its length.</summary>
    private static IEnumerable<string> Texts(byte[] message)
    {
        for (var i = 0; i + 1 < message.Length; i++)
            // Field 1 or 2 of a Label, wire type 2 (length-delimited): prompb.Label { string name = 1; string value = 2; }.
            if (message[i] is 0x0a or 0x12 && message[i + 1] is > 0 and < 128 and var length && i + 2 + length <= message.Length
                && message.AsSpan(i + 2, length).IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0)
                yield return Encoding.ASCII.GetString(message, i + 2, length);
    }

    /// <summary>Decodes the block format of Snappy: a varint of the length, then literals and copies by tag (google/snappy, format_description.txt).</summary>
    private static byte[] SnappyBlock(byte[] block)
    {
        var at = 0;
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            length |= (block[at] & 0x7f) << shift;
            if (block[at++] < 0x80) break;
        }
        var output = new byte[length];
        var written = 0;
        while (at < block.Length)
        {
            int tag = block[at++];
            if ((tag & 3) == 0)
            {
                var count = (tag >> 2) + 1;
                if (count > 60)
                {
                    var bytes = count - 60;
                    count = 1;
                    for (var b = 0; b < bytes; b++) count += block[at++] << (8 * b);
                }
                block.AsSpan(at, count).CopyTo(output.AsSpan(written));
                (at, written) = (at + count, written + count);
                continue;
            }
            var size = (tag & 3) == 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
            var back = (tag & 3) == 1 ? (tag >> 5) << 8 | block[at++] : block[at++] | block[at++] << 8;
            if ((tag & 3) == 3) back |= block[at++] << 16 | block[at++] << 24;
            for (; size > 0; size--, written++) output[written] = output[written - back];
        }
        return output;
    }
}
