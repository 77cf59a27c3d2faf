namespace ServiMon.Predict.Detection;

/// <summary>
/// The level of a series, the mean of the last 15 blocks of 16 values and of the block being filled, and how far it lies from where it
/// usually is, in standard deviations of itself. It says nothing before the 15 blocks are full.
/// </summary>
internal sealed class BlockLevel
{
    private const int BlockSize = 16;
    private const int BlockCount = 15;

    /// <summary>Half-life of the level's own mean and deviation: 10,000 rows, five weeks of 5-minute rows.</summary>
    private static readonly double Forgetting = 1 - Math.Pow(2, -1.0 / 10_000);

    private readonly double[] _blockMeans = new double[BlockCount];
    private int _fullBlocks;
    private int _oldest;
    private double _partialMean;
    private int _partialCount;
    private double _mean;
    private double _variance;
    private int _count;

    /// <summary>The deviation of the level after <paramref name="value"/> from its past, 0 or more; then learns from it.</summary>
    public double Observe(double value)
    {
        _partialCount++;
        _partialMean += (value - _partialMean) / _partialCount;
        if (_fullBlocks < BlockCount)
        {
            // A level over fewer values wanders more: its deviations would not be like the later ones.
            if (_partialCount == BlockSize) CloseBlock();
            return 0;
        }

        var level = Level();
        var difference = level - _mean;
        var deviation = _count > 1 && _variance > 0 ? Math.Abs(difference) / Math.Sqrt(_variance) : 0;

        _count++;
        var rate = Math.Max(Forgetting, 1.0 / _count);
        _mean += rate * difference;
        // West 1979, weighted update: exact for rate = 1/n, exponential forgetting after that.
        _variance = (1 - rate) * (_variance + rate * difference * difference);
        if (_partialCount == BlockSize) CloseBlock();
        return deviation;
    }

    private double Level()
    {
        // Means of blocks, not running sums: no cancellation at large offsets, no drift over months.
        var total = 0.0;
        for (var i = 0; i < BlockCount; i++) total += _blockMeans[i] - _partialMean;
        return _partialMean + total * BlockSize / (BlockCount * BlockSize + _partialCount);
    }

    private void CloseBlock()
    {
        _blockMeans[_oldest] = _partialMean;
        _oldest = (_oldest + 1) % BlockCount;
        _fullBlocks = Math.Min(BlockCount, _fullBlocks + 1);
        _partialMean = 0;
        _partialCount = 0;
    }
}
