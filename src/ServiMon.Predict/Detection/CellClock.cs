using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>The times at which the cells of all lanes begin, and the spacing of steps. One for all lanes of an asset.</summary>
/// <remarks>
/// On a grid, with gaps or without, a cell's time is kept as its length in units of the grid, a byte. Where steps have no unit in common, or a cell
/// is longer than 255 of it, times themselves are kept from then on. Either way they are exact.
/// </remarks>
internal struct CellClock
{
    /// <summary>Weight of a new spacing in the mean one; before that 1/n.</summary>
    private const double SpacingRate = 0.01;

    /// <summary>A spacing counts for no more than so many times the mean: a gap is no change of the step.</summary>
    private const double GapFactor = 4;

    private const int PlaceCount = Cells.SingleCount + Cells.BlockRowCount;

    private Lengths _lengths;
    private long _unit;
    private long[]? _starts;
    private double _spacing;

    public CellClock()
    {
    }

    /// <summary>Steps so far.</summary>
    public long Count { get; private set; }

    /// <summary>The time of the last step, or <see cref="long.MinValue"/>.</summary>
    public long LastTicks { get; private set; } = long.MinValue;

    /// <summary>Mean spacing of steps in ticks, gaps left out; 0 before the second.</summary>
    public readonly double Spacing => _spacing;

    public readonly int Bytes => PlaceCount + 4 * sizeof(long) + (_starts?.Length ?? 0) * sizeof(long);

    private readonly long SpacingCount => Math.Max(0, Count - 1);

    /// <summary>When the cell of an age begins.</summary>
    /// <param name="age">Steps from its first one to now, both included.</param>
    public readonly long StartOf(int age)
    {
        Span<Cell> cells = stackalloc Cell[PlaceCount];
        cells = cells[..Cells.List(cells, Count)];
        var start = LastTicks;
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) start -= _unit * _lengths[cells[i].Place];
            if (cells[i].Age == age) return _starts is null ? start : _starts[cells[i].Place];
        }

        throw new InvalidOperationException($"no cell begins {age} steps ago");
    }

    /// <summary>Goes to the next step.</summary>
    public void Step(long ticks)
    {
        if (Count > 0)
        {
            LearnSpacing(ticks - (double)LastTicks);
            if (_starts is null && !TryLengthen(ticks - LastTicks)) _starts = Starts();
        }

        LastTicks = ticks;
        if (_starts is not null) _starts[Count % Cells.SingleCount] = ticks;
        Count++;
        if (Count % 4 == 0 && Count >= 16) Merge();
    }

    public void CopyFrom(in CellClock other)
    {
        _lengths = other._lengths;
        _unit = other._unit;
        _starts = (long[]?)other._starts?.Clone();
        _spacing = other._spacing;
        (Count, LastTicks) = (other.Count, other.LastTicks);
    }

    public readonly void Save(StateWriter writer)
    {
        writer.Longs(_starts ?? Starts());
        writer.Long(Count);
        writer.Long(LastTicks);
        writer.Double(_spacing);
        writer.Long(SpacingCount);
    }

    public void Load(ref StateReader reader)
    {
        var starts = new long[PlaceCount];
        reader.Longs(starts);
        Count = reader.Long();
        LastTicks = reader.Long();
        _spacing = reader.Double();
        if (Count < 0 || reader.Long() != SpacingCount || !double.IsFinite(_spacing))
            throw new InvalidDataException($"the state says {Count} steps of {_spacing} ticks");
        (_starts, _unit, _lengths) = (starts, 0, default);
        Narrow();
    }

    /// <summary>Takes the length of the newest step; false when it is none in these units.</summary>
    private bool TryLengthen(long ticks)
    {
        if (ticks != _unit && !TryUnit(ticks)) return false;
        var length = ticks == _unit ? 1 : ticks / _unit;
        if (length > byte.MaxValue) return false;
        _lengths[(int)((Count - 1) % Cells.SingleCount)] = (byte)length;
        return true;
    }

    /// <summary>Finds a unit that a span is a multiple of too.</summary>
    private bool TryUnit(long ticks)
    {
        if (_unit == 0) _unit = ticks;
        if (ticks % _unit == 0) return true;
        var unit = CommonUnit(_unit, ticks);
        var factor = _unit / unit;
        Span<byte> lengths = _lengths;
        foreach (var length in lengths)
            if (length * factor > byte.MaxValue) return false;
        foreach (ref var length in lengths) length = (byte)(length * factor);
        _unit = unit;
        return true;
    }

    /// <summary>Makes a cell of the four oldest singles and, every 16th step, one of the four oldest blocks of four.</summary>
    private void Merge()
    {
        var (single, four) = (Count - 16, (Count - 56) / 4);
        var fourPlace = FourPlace(single / 4);
        var sixteenPlace = Cells.ClosesBlock(Count) ? Cells.SingleCount + Cells.SixteenBlock(four / 4) : -1;
        if (_starts is not null)
        {
            _starts[fourPlace] = _starts[single % Cells.SingleCount];
            if (sixteenPlace >= 0) _starts[sixteenPlace] = _starts[FourPlace(four)];
            return;
        }

        int singles = 0, fours = 0;
        for (var i = 0; i < 4; i++) singles += _lengths[(int)((single + i) % Cells.SingleCount)];
        if (sixteenPlace >= 0)
            for (var i = 0; i < 4; i++) fours += _lengths[FourPlace(four + i)];
        if (Math.Max(singles, fours) > byte.MaxValue)
        {
            _starts = Starts(fourPlace, singles, sixteenPlace, fours);
            return;
        }

        _lengths[fourPlace] = (byte)singles;
        if (sixteenPlace >= 0) _lengths[sixteenPlace] = (byte)fours;
    }

    private static int FourPlace(long number) => Cells.SingleCount + Cells.FourBlock(number);

    /// <summary>Keeps lengths where times allow it.</summary>
    private void Narrow()
    {
        Span<Cell> cells = stackalloc Cell[PlaceCount];
        cells = cells[..Cells.List(cells, Count)];
        long unit = 0;
        for (var i = 1; i < cells.Length; i++)
        {
            var length = _starts![cells[i - 1].Place] - _starts[cells[i].Place];
            if (length <= 0) return;
            unit = CommonUnit(length, unit);
        }

        for (var i = 1; i < cells.Length; i++)
        {
            var length = (_starts![cells[i - 1].Place] - _starts[cells[i].Place]) / unit;
            if (length > byte.MaxValue) return;
            _lengths[cells[i].Place] = (byte)length;
        }

        (_starts, _unit) = (null, unit);
    }

    /// <summary>The times at which cells begin, by their places; 0 where there is no cell.</summary>
    /// <param name="fourPlace">A block just merged whose length is not among the others, likewise <paramref name="sixteenPlace"/>; -1 for none.</param>
    private readonly long[] Starts(int fourPlace = -1, int four = 0, int sixteenPlace = -1, int sixteen = 0)
    {
        var starts = new long[PlaceCount];
        Span<Cell> cells = stackalloc Cell[PlaceCount];
        cells = cells[..Cells.List(cells, Count)];
        var start = LastTicks;
        for (var i = 0; i < cells.Length; i++)
        {
            var place = cells[i].Place;
            if (i > 0) start -= _unit * (place == fourPlace ? four : place == sixteenPlace ? sixteen : _lengths[place]);
            starts[place] = start;
        }

        return starts;
    }

    private void LearnSpacing(double spacing)
    {
        if (SpacingCount > 0) spacing = Math.Min(spacing, GapFactor * _spacing);
        _spacing += Math.Max(SpacingRate, 1.0 / (SpacingCount + 1)) * (spacing - _spacing);
    }

    private static long CommonUnit(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    /// <summary>For each place the time from the beginning of its cell to that of the next, in units.</summary>
    [InlineArray(PlaceCount)]
    private struct Lengths
    {
        private byte _first;
    }
}
