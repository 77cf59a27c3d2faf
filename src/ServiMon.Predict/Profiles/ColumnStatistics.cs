namespace ServiMon.Predict.Profiles;

/// <summary>What a look at a column's values tells a draft beyond its name.</summary>
/// <param name="Count">Values that are not missing.</param>
/// <param name="Minimum">The smallest value; NaN without values.</param>
/// <param name="Maximum">The largest value; NaN without values.</param>
/// <param name="Rises">How often a value was above the one before it of the same asset.</param>
/// <param name="Falls">How often it was below.</param>
public sealed record ColumnStatistics(long Count, double Minimum, double Maximum, long Rises, long Falls)
{
    /// <summary>True for a running total: it rises, and falls at most once in fifty rises (a restart).</summary>
    public bool LooksCumulative => Rises >= 20 && Falls * 50 <= Rises;

    public bool IsConstant => Count > 1 && Minimum == Maximum;
}
