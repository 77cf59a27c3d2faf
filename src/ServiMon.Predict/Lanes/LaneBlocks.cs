namespace ServiMon.Predict.Lanes;

/// <summary>Does something with a block of neighbouring lanes.</summary>
internal interface IBlockVisitor
{
    /// <param name="lane">The first lane of the block.</param>
    void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>;
}

/// <summary>How any number of lanes falls into blocks of a width, and one of what is left. No lane of a block is empty.</summary>
internal static class LaneBlocks
{
    /// <summary>Visits the block of a width.</summary>
    public static void Visit<TVisitor>(int width, int lane, ref TVisitor visitor) where TVisitor : struct, IBlockVisitor, allows ref struct
    {
        switch (width)
        {
            case 1: visitor.Visit<OneLane, Floats4>(lane); break;
            case 2: visitor.Visit<TwoLanes, Floats4>(lane); break;
            case 3: visitor.Visit<ThreeLanes, Floats4>(lane); break;
            case 4: visitor.Visit<FourLanes, Floats4>(lane); break;
            case 5: visitor.Visit<FourAnd<OneLane>, Floats16>(lane); break;
            case 6: visitor.Visit<FourAnd<TwoLanes>, Floats16>(lane); break;
            case 7: visitor.Visit<FourAnd<ThreeLanes>, Floats16>(lane); break;
            case 8: visitor.Visit<EightLanes, Floats16>(lane); break;
            case 9: visitor.Visit<EightAnd<OneLane>, Floats16>(lane); break;
            case 10: visitor.Visit<EightAnd<TwoLanes>, Floats16>(lane); break;
            case 11: visitor.Visit<EightAnd<ThreeLanes>, Floats16>(lane); break;
            case 12: visitor.Visit<EightAnd<FourLanes>, Floats16>(lane); break;
            case 13: visitor.Visit<TwelveAnd<OneLane>, Floats16>(lane); break;
            case 14: visitor.Visit<TwelveAnd<TwoLanes>, Floats16>(lane); break;
            case 15: visitor.Visit<TwelveAnd<ThreeLanes>, Floats16>(lane); break;
            default: visitor.Visit<SixteenLanes, Floats16>(lane); break;
        }
    }

    /// <summary>Visits all blocks of so many lanes.</summary>
    /// <param name="most">Lanes of a block, but for the last one.</param>
    public static void Each<TVisitor>(int laneCount, int most, ref TVisitor visitor) where TVisitor : struct, IBlockVisitor, allows ref struct
    {
        for (var lane = 0; lane < laneCount;)
        {
            var width = Math.Min(laneCount - lane, most);
            Visit(width, lane, ref visitor);
            lane += width;
        }
    }
}
