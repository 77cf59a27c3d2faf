using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Evidence;

/// <summary>The two largest of the non-negative values added.</summary>
internal struct TopTwo
{
    private float _first;
    private float _second;
    private int _count;

    /// <summary>Mean of the two largest; of the one, when there is one; NaN when there is none.</summary>
    public readonly float Mean => _count switch { 0 => float.NaN, 1 => _first, _ => (_first + _second) / 2 };

    public void Add(float value)
    {
        _count++;
        _second = float.MaxNative(_second, float.MinNative(_first, value));
        _first = float.MaxNative(_first, value);
    }
}

/// <summary>The two largest of the non-negative values added, four at a time.</summary>
internal struct TopTwoVectors
{
    private Floats4 _first;
    private Floats4 _second;

    /// <param name="values">0 where there is none.</param>
    public void Add(Floats4 values)
    {
        _second = Floats4.MaxNative(_second, Floats4.MinNative(_first, values));
        _first = Floats4.MaxNative(_first, values);
    }

    /// <summary>Mean of the two largest; of the one, when there is one; NaN when there is none.</summary>
    /// <param name="count">Values that were added.</param>
    public readonly float Mean(int count)
    {
        if (count == 0) return float.NaN;
        float most = 0, next = 0;
        for (var i = 0; i < FourLanes.Count; i++)
        {
            next = float.MaxNative(next, float.MaxNative(_second[i], float.MinNative(most, _first[i])));
            most = float.MaxNative(most, _first[i]);
        }
        return count == 1 ? most : (most + next) / 2;
    }
}
