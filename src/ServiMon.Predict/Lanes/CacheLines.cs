using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Lanes;

/// <summary>Asks for memory before it is read, where a machine can be asked.</summary>
internal static class CacheLines
{
    private const int Line = 64;

    public static unsafe void Prefetch(ReadOnlySpan<byte> memory)
    {
        if (!Sse.IsSupported) return;
        var first = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        for (var at = 0; at < memory.Length; at += Line) Sse.Prefetch0(first + at);
    }
}
