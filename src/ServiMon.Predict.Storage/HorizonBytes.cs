using System.Buffers.Binary;

namespace ServiMon.Predict.Storage;

/// <summary>Probabilities by horizon as every store keeps them: 16 bytes a horizon, ticks (int64) and probability (IEEE 754 double), little-endian.</summary>
public static class HorizonBytes
{
    private const int Length = 16;

    public static byte[] Pack(IReadOnlyList<HorizonProbability> probabilities)
    {
        var bytes = new byte[probabilities.Count * Length];
        for (var i = 0; i < probabilities.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * Length), probabilities[i].Horizon.Ticks);
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * Length + 8), probabilities[i].Probability);
        }
        return bytes;
    }

    /// <param name="bytes">What <see cref="Pack"/> gave.</param>
    public static HorizonProbability[] Unpack(ReadOnlySpan<byte> bytes)
    {
        var probabilities = new HorizonProbability[bytes.Length / Length];
        for (var i = 0; i < probabilities.Length; i++)
            probabilities[i] = new HorizonProbability(
                new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * Length)..])), BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * Length + 8)..]));
        return probabilities;
    }
}
