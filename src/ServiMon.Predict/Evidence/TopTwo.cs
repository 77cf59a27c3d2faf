using System.Runtime.Intrinsics;

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

/// <summary>The two largest of the non-negative values added, eight at a time.</summary>
internal struct TopTwoVectors
{
    private Vector256<float> _first;
    private Vector256<float> _second;

    /// <param name="values">0 where there is none.</param>
    public void Add(Vector256<float> values)
    {
        _second = Vector256.MaxNative(_second, Vector256.MinNative(_first, values));
        _first = Vector256.MaxNative(_first, values);
    }

    /// <summary>Mean of the two largest; of the one, when there is one; NaN when there is none.</summary>
    /// <param name="count">Values that were added.</param>
    public readonly float Mean(int count)
    {
        if (count == 0) return float.NaN;
        var (first, second) = (_first.GetLower(), _second.GetLower());
        second = Vector128.MaxNative(Vector128.MaxNative(second, _second.GetUpper()), Vector128.MinNative(first, _first.GetUpper()));
        first = Vector128.MaxNative(first, _first.GetUpper());
        float most = 0, next = 0;
        for (var i = 0; i < Vector128<float>.Count; i++)
        {
            next = float.MaxNative(next, float.MaxNative(second[i], float.MinNative(most, first[i])));
            most = float.MaxNative(most, first[i]);
        }
        return count == 1 ? most : (most + next) / 2;
    }
}
