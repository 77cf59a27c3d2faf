using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Evidence;

/// <summary>The rows of a state at <see cref="LaneState.Padding"/> neighbouring lanes, each a vector.</summary>
internal readonly ref struct LaneVectors
{
    private readonly ref float _first;
    private readonly nuint _stride;

    /// <param name="lane">The first of the lanes; all of them lie within the stride, so that every row can be read without a check.</param>
    public LaneVectors(LaneState state, int lane)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lane, (uint)(state.Stride - LaneState.Padding), nameof(lane));
        _first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(state.Lanes), lane);
        _stride = (nuint)state.Stride;
    }

    public Vector256<float> this[LaneRow row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.LoadUnsafe(ref _first, (nuint)row * _stride);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => value.StoreUnsafe(ref _first, (nuint)row * _stride);
    }
}
