namespace ServiMon.Predict.Statistics;

/// <summary>Counts of neighbouring buckets; beyond a bounded length the lowest are joined into one.</summary>
internal sealed class BucketRun(int maxLength)
{
    /// <summary>No double lies in a bucket further from that of 1, at any accuracy.</summary>
    private const int MostIndex = 1 << 22;

    private long[] _counts = [];
    private int _first;
    private int _length;

    public int MaxLength => maxLength;

    public long Total { get; private set; }

    /// <summary>Values in the lowest bucket since it holds joined ones.</summary>
    public long Collapsed { get; private set; }

    public void Add(int index, long count)
    {
        if (count == 0) return;
        Reach(index);
        _counts[Math.Max(index, _first) - _first] += count;
        Total += count;
        if (index < _first || Collapsed > 0) Collapsed = _counts[0];
    }

    /// <summary>The bucket of the value of a rank, counted from the lowest.</summary>
    public int IndexFromBottom(long rank)
    {
        for (var i = 0; i < _length; i++)
            if ((rank -= _counts[i]) < 0) return _first + i;
        throw new ArgumentOutOfRangeException(nameof(rank), $"no value of this rank among {Total}");
    }

    /// <summary>Likewise from the highest.</summary>
    public int IndexFromTop(long rank) => IndexFromBottom(Total - 1 - rank);

    public long CountUpTo(int index)
    {
        var sum = 0L;
        for (var i = 0; i < _length && _first + i <= index; i++) sum += _counts[i];
        return sum;
    }

    /// <summary>The bucket that holds joined values; below any other where there is none.</summary>
    public int Joined => Collapsed > 0 ? _first : int.MinValue;

    public int First => _first;

    /// <summary>One beyond the highest bucket.</summary>
    public int End => _first + _length;

    public long CountOf(int index) => index >= _first && index < End ? _counts[index - _first] : 0;

    /// <summary>Forgets the values and keeps the memory.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (Total, Collapsed) = (0, 0);
        // A run at its bound would join values below buckets that are no longer in use.
        if (_length == maxLength) (_first, _length, _counts) = (0, 0, []);
    }

    public void Merge(BucketRun other)
    {
        // From the highest, so that what this run cannot hold is known before the lowest come.
        for (var i = other._length - 1; i >= 0; i--) Add(other._first + i, other._counts[i]);
        if (other.Collapsed > 0) Collapsed = Math.Max(Collapsed, CountUpTo(other._first));
    }

    public void Save(StateWriter writer)
    {
        writer.Packed(Collapsed);
        writer.Int(_first);
        writer.Int(_length);
        for (var i = 0; i < _length; i++) writer.Packed(_counts[i]);
    }

    public void Load(ref StateReader reader)
    {
        Collapsed = reader.Packed();
        _first = reader.Int();
        _length = reader.Count(1);
        if (_first is < -MostIndex or > MostIndex) throw new InvalidDataException($"the sketch says bucket {_first}");
        if (_length > maxLength) throw new InvalidDataException($"the sketch says {_length} buckets where {maxLength} are allowed");
        _counts = new long[_length];
        for (var i = 0; i < _length; i++)
        {
            _counts[i] = reader.Packed();
            if ((Total += _counts[i]) < 0) throw new InvalidDataException("the sketch says more values than can be counted");
        }
    }

    /// <summary>Makes room for a bucket as far as the bound allows.</summary>
    private void Reach(int index)
    {
        if (_length == 0) (_first, _length, _counts) = (index, 1, new long[Math.Min(64, maxLength)]);
        var last = Math.Max(_first + _length - 1, index);
        var first = Math.Max(Math.Min(_first, index), last - maxLength + 1);
        if (first == _first && last < _first + _counts.Length)
        {
            _length = last - _first + 1;
        }
        else
        {
            var moved = new long[Math.Min(maxLength, Math.Max(2 * _counts.Length, last - first + 1))];
            for (var i = 0; i < _length; i++)
            {
                var target = Math.Max(_first + i, first);
                moved[target - first] += _counts[i];
                if (target != _first + i) Collapsed = 1;
            }

            (_counts, _first, _length) = (moved, first, last - first + 1);
        }
    }
}
