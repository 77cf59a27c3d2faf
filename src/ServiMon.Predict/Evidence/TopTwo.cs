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
        if (value > _first)
        {
            _second = _first;
            _first = value;
        }
        else if (value > _second) _second = value;
    }
}
