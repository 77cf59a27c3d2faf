namespace ServiMon.Predict.Statistics;

/// <summary>Counts of neighbouring buckets; beyond a bounded length the lowest are joined into one.</summary>
internal sealed class BucketRun(int maxLength)
{
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

    public void Merge(BucketRun other)
    {
        // From the highest, so that what this run cannot hold is known before the lowest come.
        for (var i = other._length - 1; i >= 0; i--) Add(other._first + i, other._counts[i]);
        if (other.Collapsed > 0) Collapsed = Math.Max(Collapsed, CountUpTo(other._first));
    }

    public void Save(StateWriter writer)
    {
        writer.Long(Collapsed);
        writer.Int(_first);
        writer.Int(_length);
        writer.Longs(_counts.AsSpan(0, _length));
    }

    public void Load(ref StateReader reader)
    {
        Collapsed = reader.Long();
        _first = reader.Int();
        _length = reader.Count(sizeof(long));
        if (_length > maxLength) throw new InvalidDataException($"the sketch says {_length} buckets where {maxLength} are allowed");
        _counts = new long[_length];
        reader.Longs(_counts);
        foreach (var count in _counts)
        {
            if (count < 0) throw new InvalidDataException($"the sketch says {count} values in a bucket");
            Total += count;
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
