namespace ServiMon.Predict.Detection;

/// <summary>The binary form of a detector's state, docs/formats/detector-state.md: padding is left out, and what a lane keeps is checked.</summary>
internal static class DetectorStateFormat
{
    public const byte Version = 1;

    /// <exception cref="InvalidDataException">When it is another.</exception>
    public static void CheckVersion(byte version)
    {
        if (version != Version) throw new InvalidDataException($"the detector's state is of version {version}, not {Version}");
    }

    public static void Write(DetectorState state, StateWriter writer)
    {
        writer.Doubles(state.Centre);
        for (var row = 0; row < (int)DetectorRow.End; row++) writer.Floats(state.Rows.AsSpan(row * state.Stride, state.LaneCount));
        Bytes(state, state.SlotCounts, writer);
        Bytes(state, state.CellCounts, writer);
        for (var row = 0; row < Cells.BlockRowCount; row++) writer.Shorts(state.CellSpreads.AsSpan(row * state.Stride, state.LaneCount));
        writer.Shorts(state.Ranks);
        writer.Shorts(state.Tail);
    }

    public static void Read(DetectorState state, ref StateReader reader)
    {
        reader.Doubles(state.Centre);
        for (var row = 0; row < (int)DetectorRow.End; row++) reader.Floats(state.Rows.AsSpan(row * state.Stride, state.LaneCount));
        Bytes(state, state.SlotCounts, ref reader);
        Bytes(state, state.CellCounts, ref reader);
        for (var row = 0; row < Cells.BlockRowCount; row++) reader.Shorts(state.CellSpreads.AsSpan(row * state.Stride, state.LaneCount));
        reader.Shorts(state.Ranks);
        reader.Shorts(state.Tail);
        for (var lane = 0; lane < state.LaneCount; lane++)
        {
            var bin = state[DetectorRow.TailBin, lane];
            if (!(bin is >= 0 and <= TailBins.Count)) throw new InvalidDataException($"the state says tail bin {bin} of metric {lane}, allowed 0 to {TailBins.Count}");
        }
    }

    private static void Bytes(DetectorState state, byte[] rows, StateWriter writer)
    {
        for (var row = 0; row < rows.Length; row += state.Stride) writer.Bytes(rows.AsSpan(row, state.LaneCount));
    }

    private static void Bytes(DetectorState state, byte[] rows, ref StateReader reader)
    {
        for (var row = 0; row < rows.Length; row += state.Stride) reader.Bytes(rows.AsSpan(row, state.LaneCount));
    }
}
