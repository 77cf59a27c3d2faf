using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Evidence;

/// <summary>The rows of a block of lanes of one kind, each a vector.</summary>
/// <param name="first">The block's first float: all of its rows follow.</param>
internal readonly ref struct LaneRows<TWidth, TVector, TKind>(ref float first)
    where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> where TKind : struct, ILaneKind
{
    private readonly ref float _first = ref first;

    public TVector this[LaneRow row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Load(ref Unsafe.Add(ref _first, LaneSection.RowOf<TKind>(row) * TWidth.Count));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => TWidth.Store(value, ref Unsafe.Add(ref _first, LaneSection.RowOf<TKind>(row) * TWidth.Count));
    }

    public static LaneRows<TWidth, TVector, TKind> Of(LaneState state, in LaneSection section, int lane) =>
        new(ref state.Lanes.AsSpan(section.Start + lane * section.RowCount, TWidth.Count * section.RowCount)[0]);
}
