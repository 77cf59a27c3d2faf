namespace ServiMon.Predict.Detection;

/// <summary>The times at which the cells of all lanes begin, and the spacing of steps. One for a block of lanes.</summary>
internal sealed class CellClock
{
    /// <summary>Weight of a new spacing in the mean one; before that 1/n.</summary>
    private const double SpacingRate = 0.01;

    /// <summary>A spacing counts for no more than so many times the mean: a gap is no change of the step.</summary>
    private const double GapFactor = 4;

    private readonly long[] _starts = new long[Cells.SingleCount + Cells.BlockRowCount];
    private double _spacing;
    private long _spacingCount;

    /// <summary>Steps so far.</summary>
    public long Count { get; private set; }

    /// <summary>The time of the last step, or <see cref="long.MinValue"/>.</summary>
    public long LastTicks { get; private set; } = long.MinValue;

    /// <summary>Mean spacing of steps in ticks, gaps left out; 0 before the second.</summary>
    public double Spacing => _spacing;

    public int Bytes => (_starts.Length + 4) * sizeof(long);

    public long StartOf(in Cell cell) => _starts[cell.Place];

    /// <summary>Goes to the next step.</summary>
    public void Step(long ticks)
    {
        if (Count > 0) LearnSpacing(ticks - (double)LastTicks);
        LastTicks = ticks;
        _starts[Count % Cells.SingleCount] = ticks;
        Count++;
        if (Count % 4 == 0 && Count >= 16)
            _starts[Cells.SingleCount + Cells.FourBlock((Count - 16) / 4)] = _starts[(Count - 16) % Cells.SingleCount];
        if (Cells.ClosesBlock(Count))
            _starts[Cells.SingleCount + Cells.SixteenBlock((Count - 56) / 16)] = _starts[Cells.SingleCount + Cells.FourBlock((Count - 56) / 4)];
    }

    public void CopyFrom(CellClock other)
    {
        other._starts.CopyTo(_starts, 0);
        (_spacing, _spacingCount) = (other._spacing, other._spacingCount);
        (Count, LastTicks) = (other.Count, other.LastTicks);
    }

    public void Save(StateWriter writer)
    {
        writer.Longs(_starts);
        writer.Long(Count);
        writer.Long(LastTicks);
        writer.Double(_spacing);
        writer.Long(_spacingCount);
    }

    public void Load(ref StateReader reader)
    {
        reader.Longs(_starts);
        Count = reader.Long();
        LastTicks = reader.Long();
        _spacing = reader.Double();
        _spacingCount = reader.Long();
        if (Count < 0 || _spacingCount < 0 || !double.IsFinite(_spacing))
            throw new InvalidDataException($"the state says {Count} steps of {_spacing} ticks");
    }

    private void LearnSpacing(double spacing)
    {
        if (_spacingCount > 0) spacing = Math.Min(spacing, GapFactor * _spacing);
        _spacingCount++;
        _spacing += Math.Max(SpacingRate, 1.0 / _spacingCount) * (spacing - _spacing);
    }
}
