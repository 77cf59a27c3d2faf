using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Lanes;

/// <summary>Asks for memory before it is read, where a machine can be asked.</summary>
internal static class CacheLines
{
    private const int Line = 64;

    /// <summary>Asks for an object without following the reference, which would wait for it.</summary>
    /// <param name="length">Bytes that it has about.</param>
    public static unsafe void PrefetchObject<T>(T asked, int length) where T : class
    {
        if (!Sse.IsSupported) return;
        // Should the object be moved meanwhile, what is asked for is of no use, and no harm is done.
        var first = (byte*)Unsafe.As<T, nint>(ref asked);
        for (var at = 0; at < length; at += Line) Sse.Prefetch0(first + at);
    }

    /// <param name="length">Bytes.</param>
    public static unsafe void Prefetch(ref byte memory, int length)
    {
        if (!Sse.IsSupported) return;
        var first = (byte*)Unsafe.AsPointer(ref memory);
        for (var at = 0; at < length; at += Line) Sse.Prefetch0(first + at);
    }
}
