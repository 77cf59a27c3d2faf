using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Scoring;

/// <summary>What a composite keeps of one of its members: the newest row's time, state and evidence.</summary>
/// <param name="width">Columns of the members' evidence that composites read.</param>
public sealed class CompositeMember(string asset, int width)
{
    private readonly float[] _evidence = new float[width];

    public string Asset { get; } = asset;

    /// <summary>UTC ticks of its newest row; <see cref="long.MinValue"/> before the first.</summary>
    public long Ticks { get; private set; } = long.MinValue;

    public MemberState State { get; private set; }

    /// <summary>Of its newest row, the columns that composites read; nothing where it is not watched.</summary>
    internal ReadOnlySpan<float> Evidence => _evidence;

    /// <param name="evidence">Of the member, in the order of <see cref="CompositeEvidence.Sources"/>.</param>
    internal void Put(long ticks, MemberState state, ReadOnlySpan<float> evidence)
    {
        (Ticks, State) = (ticks, state);
        if (state == MemberState.Watched) evidence.CopyTo(_evidence);
        else Array.Fill(_evidence, float.NaN);
    }

    internal void Save(StateWriter writer)
    {
        writer.Text(Asset);
        writer.Long(Ticks);
        writer.Byte((byte)State);
        writer.Floats(_evidence);
    }

    internal static CompositeMember Load(ref StateReader reader, int width)
    {
        var member = new CompositeMember(reader.Text(), width) { Ticks = reader.Long(), State = (MemberState)reader.Byte() };
        reader.Floats(member._evidence);
        return member;
    }
}
