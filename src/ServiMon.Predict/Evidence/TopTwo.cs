using System.Runtime.Intrinsics;
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

/// <summary>The two largest of the non-negative values added, a vector of them at a time.</summary>
internal struct TopTwoVectors
{
    private Floats16 _first;
    private Floats16 _second;

    /// <param name="values">0 where there is none.</param>
    public void Add(Floats16 values)
    {
        _second = Floats16.MaxNative(_second, Floats16.MinNative(_first, values));
        _first = Floats16.MaxNative(_first, values);
    }

    /// <summary>Mean of the two largest; of the one, when there is one; NaN when there is none.</summary>
    /// <param name="count">Values that were added.</param>
    public readonly float Mean(int count)
    {
        if (count == 0) return float.NaN;
        var (first, second) = (_first.Value, _second.Value);
        var eight = Vector256.MaxNative(first.GetLower(), first.GetUpper());
        var eightSecond = Vector256.MaxNative(
            Vector256.MaxNative(second.GetLower(), second.GetUpper()), Vector256.MinNative(first.GetLower(), first.GetUpper()));
        var four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        var fourSecond = Vector128.MaxNative(
            Vector128.MaxNative(eightSecond.GetLower(), eightSecond.GetUpper()), Vector128.MinNative(eight.GetLower(), eight.GetUpper()));
        float most = 0, next = 0;
        for (var i = 0; i < Vector128<float>.Count; i++)
        {
            next = float.MaxNative(next, float.MaxNative(fourSecond[i], float.MinNative(most, four[i])));
            most = float.MaxNative(most, four[i]);
        }
        return count == 1 ? most : (most + next) / 2;
    }
}
