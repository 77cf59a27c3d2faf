using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ServiMon.Predict.Server.Api;

/// <summary>
/// Where a list goes on: the last item's key, so that items that come or go between two pages neither repeat nor skip others. Bound to the
/// filter that it was given for.
/// </summary>
internal static class PageToken
{
    private const int MaxLength = 8192;

    public static string Write(ReadOnlySpan<string> filter, params string[] place) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string[]>([Digest(filter), .. place]));

    /// <summary>Null when it is no token, or one of another filter.</summary>
    public static string[]? Read(string token, ReadOnlySpan<string> filter)
    {
        if (token.Length > MaxLength) return null;
        try
        {
            var parts = JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(token));
            return parts is { Length: > 1 } && !parts.Contains(null) && parts[0] == Digest(filter) ? parts[1..] : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string Digest(ReadOnlySpan<string> filter) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', filter))))[..16];
}
