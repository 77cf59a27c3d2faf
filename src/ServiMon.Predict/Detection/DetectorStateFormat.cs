using System.Runtime.InteropServices;

namespace ServiMon.Predict.Detection;

/// <summary>The binary form of a detector's state, docs/formats/detector-state.md: lane by lane, whatever blocks they stand in.</summary>
internal static class DetectorStateFormat
{
    /// <summary>
    /// Version 4 has the same numbers, of which the sums of cells left out those of single steps; the law of the spike statistic was learned by other rules, and by others
    /// again in version 3.
    /// </summary>
    public const byte Version = 6;

    /// <summary>The first version whose sums of cells are of all of them.</summary>
    public const byte SumsOfAllCells = 5;

    /// <summary>The first version that remembers jumps.</summary>
    private const byte Jumps = 6;

    /// <summary>The oldest version that is read.</summary>
    private const byte Oldest = 2;

    /// <exception cref="InvalidDataException">When it is older or newer than those that are read.</exception>
    public static byte Checked(byte version) => version is >= Oldest and <= Version
        ? version : throw new InvalidDataException($"the detector's state is of version {version}, allowed {Oldest} to {Version}");

    public static void Write(DetectorState state, StateWriter writer)
    {
        for (var i = 0; i < state.LaneCount; i++)
        {
            var lane = state.At(i);
            writer.Double(lane.Centre);
            for (var row = default(DetectorRow); row < DetectorRow.End; row++) writer.Floats([lane[row]]);
            for (var row = 0; row < DetectorState.ShortRowCount; row++) writer.Shorts([lane.Short(row)]);
            for (var row = 0; row < DetectorState.ByteRowCount; row++) writer.Byte(lane.Byte(row));
        }
    }

    public static void Read(DetectorState state, byte version, ref StateReader reader)
    {
        Span<float> blocks = new float[1];
        for (var i = 0; i < state.LaneCount; i++)
        {
            var lane = state.At(i);
            lane.Centre = reader.Double();
            for (var row = default(DetectorRow); row < DetectorRow.End; row++)
            {
                // There stood the number of blocks.
                if (version == Oldest && row == DetectorRow.DriftUp) reader.Floats(blocks);
                reader.Floats(MemoryMarshal.CreateSpan(ref lane[row], 1));
            }
            var shorts = version == Oldest ? DetectorState.DriftPeakRow : DetectorState.ShortRowCount;
            for (var row = 0; row < shorts; row++) reader.Shorts(MemoryMarshal.CreateSpan(ref lane.Short(row), 1));
            var bytes = version < Jumps ? DetectorState.JumpRow : DetectorState.ByteRowCount;
            for (var row = 0; row < bytes; row++) lane.Byte(row) = reader.Byte();
            Check(lane[DetectorRow.RankCount], "ranked", i);
            Check(lane[DetectorRow.TailCount], "judged", i);
        }
    }

    private static void Check(float count, string what, int metric)
    {
        if (!(count is >= 0 and <= ushort.MaxValue))
            throw new InvalidDataException($"the state says {count} values {what} of metric {metric}, allowed 0 to {ushort.MaxValue}");
    }
}
