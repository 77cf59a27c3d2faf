using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Lanes;

/// <summary>Asks for memory before it is read, where a machine can be asked.</summary>
internal static class CacheLines
{
    private const int Line = 64;

    public static void Prefetch(ReadOnlySpan<byte> memory) => Prefetch(ref MemoryMarshal.GetReference(memory), memory.Length);

    /// <param name="length">Bytes.</param>
    public static unsafe void Prefetch(ref byte memory, int length)
    {
        if (!Sse.IsSupported) return;
        var first = (byte*)Unsafe.AsPointer(ref memory);
        for (var at = 0; at < length; at += Line) Sse.Prefetch0(first + at);
    }
}
