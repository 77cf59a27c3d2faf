using System.Security.Cryptography;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Registry;

/// <summary>Bundles in pieces, each a partition of its own, so that no node holds a large cell. They are known by their digest.</summary>
internal sealed class BundleChunks(CqlSession session)
{
    /// <summary>Bytes of a piece: cells above a megabyte strain a server's heap.</summary>
    private const int ChunkBytes = 512 * 1024;

    public static string Digest(ReadOnlySpan<byte> bundle) => Convert.ToHexStringLower(SHA256.HashData(bundle));

    /// <summary>Writes the pieces; writing them again changes nothing.</summary>
    /// <returns>How many there are.</returns>
    public async Task<int> WriteAsync(string digest, ReadOnlyMemory<byte> bundle, CancellationToken ct)
    {
        var count = (bundle.Length + ChunkBytes - 1) / ChunkBytes;
        for (var i = 0; i < count; i++)
            await session.ExecuteAsync(Traffic.Registry, ct, "INSERT INTO bundle_chunk (sha256, number, body) VALUES (?, ?, ?)",
                digest, i, bundle.Slice(i * ChunkBytes, Math.Min(ChunkBytes, bundle.Length - i * ChunkBytes)).ToArray()).ConfigureAwait(false);
        return count;
    }

    /// <summary>Removes the pieces; removing them again changes nothing.</summary>
    public async Task DeleteAsync(string digest, int count, CancellationToken ct)
    {
        for (var i = 0; i < count; i++)
            await session.ExecuteAsync(Traffic.Registry, ct, "DELETE FROM bundle_chunk WHERE sha256 = ? AND number = ?", digest, i).ConfigureAwait(false);
    }

    /// <exception cref="StoreException">When a piece is missing, or the bytes are not those that were added.</exception>
    public async Task<byte[]> ReadAsync(ModelRecord model, int count, CancellationToken ct)
    {
        using var bytes = new MemoryStream((int)model.Size);
        for (var i = 0; i < count; i++)
        {
            var chunk = await session.ListAsync(Traffic.Registry, r => r.GetValue<byte[]>(0), ct,
                "SELECT body FROM bundle_chunk WHERE sha256 = ? AND number = ?", model.Sha256, i).ConfigureAwait(false);
            if (chunk.Count == 0) throw new StoreException(StoreFault.Damaged, $"{session.Options.Place}: piece {i} of {count} of the bundle of model {model.Id} is missing");
            bytes.Write(chunk[0]);
        }
        var bundle = bytes.ToArray();
        var digest = Digest(bundle);
        if (digest == model.Sha256) return bundle;
        throw new StoreException(StoreFault.Damaged, $"{session.Options.Place}: the bundle of model {model.Id} is not the one that was added: {bundle.Length} bytes with SHA-256 {digest}, "
            + $"expected {model.Size} with {model.Sha256}");
    }
}
