using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Tests.Detection;

public class TailFitTests
{
    private const int Row = DetectorState.TailRow + TailBins.BodyCount;

    /// <summary>Exponential excesses of a mean of two units, but for five bins of a single one at the far end.</summary>
    private static readonly int[] Excesses = [500, 420, 340, 230, 130, 60, 20, 10, 1, 1, 1, 1, 1];

    /// <summary>Halved one by one, each bin of a single excess was left empty, and tails that were halved early gave twice the alarms.</summary>
    [Fact]
    public void Halving_keeps_half_of_the_farthest_excesses()
    {
        var lane = Lane(Excesses, 65_600, 100_000);
        TailFit.Renew(lane, SpikeDirection.Both);
        Assert.Equal(32_800, lane[DetectorRow.TailSince]);
        var halved = Counts(lane);
        Assert.Equal(Excesses.Sum() / 2.0, halved.Sum(), 0.5);
        Assert.InRange(halved[8..].Sum(), 2, 3);
        for (var i = 0; i < halved.Length; i++) Assert.Equal(Excesses[..(i + 1)].Sum() / 2.0, halved[..(i + 1)].Sum(), 1.0);
    }

    [Theory]
    [InlineData(1_152, 1_280, 576)]
    [InlineData(1_152, 1_400, 1_152)]
    [InlineData(960, 1_088, 960)]
    public void A_young_tail_is_halved_once(int since, int count, int left)
    {
        var lane = Lane([10, 8, 7, 5, 3, 2, 1, 1, 0, 1, 0, 0, 0], since, count);
        TailFit.Renew(lane, SpikeDirection.Both);
        Assert.Equal(left, lane[DetectorRow.TailSince]);
        Assert.Equal(38 * left / since, Counts(lane).Sum());
    }

    [Fact]
    public void A_tail_of_a_lane_that_is_neither_young_nor_old_is_not_halved()
    {
        var lane = Lane(Excesses, 40_000, 60_000);
        TailFit.Renew(lane, SpikeDirection.Both);
        Assert.Equal(Excesses, Counts(lane));
    }

    /// <summary>Of the same moments: what came beyond seven units is told to come more often where it did.</summary>
    [Fact]
    public void Far_values_are_told_as_rare_as_they_have_been()
    {
        double P(params int[] far)
        {
            var lane = Lane([.. Excesses[..6], .. far, 0, 0, 0], 40_000, 60_000);
            TailFit.Renew(lane, SpikeDirection.Both);
            return TailFit.PValue(lane, 10 + 22);
        }

        Assert.InRange(P(20, 12, 8, 4) / P(20, 5, 0, 0), 3, 100);
    }

    /// <summary>The same counts tell less where they are fewer, or where neighbours are alike: rare values are then told as less rare.</summary>
    [Fact]
    public void Rare_values_are_less_rare_the_less_is_known()
    {
        double P(int divisor, float differenceSquare)
        {
            var lane = Lane([.. Excesses[..8].Select(c => c / divisor), 0, 0, 0, 0, 0], 40_000 / divisor, 60_000);
            lane[DetectorRow.DifferenceSquare] = differenceSquare;
            TailFit.Renew(lane, SpikeDirection.Both);
            return TailFit.PValue(lane, 10 + 18);
        }

        Assert.InRange(P(10, 3.125f) / P(1, 3.125f), 1.3, 10);
        Assert.InRange(P(10, 0.2f) / P(10, 3.125f), 1.3, 10);
    }

    /// <summary>All excesses within the lowest bin: the unit was wrong, and forty of them took sixteen hundred values.</summary>
    [Fact]
    public void Bins_that_are_too_coarse_are_made_finer_with_the_first_fit()
    {
        var lane = Lane([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 330, 500);
        TailFit.Renew(lane, SpikeDirection.Both);
        Assert.InRange(lane[DetectorRow.TailUnit], 0.05, 0.2);
        Assert.Equal(0, lane[DetectorRow.TailSince]);
        Assert.True(lane[DetectorRow.TailWeight] > 0);
    }

    /// <summary>A tail that begins at 10 in units of 1, fitted as exponential; deviations of 1, neighbours independent.</summary>
    private static Lane Lane(int[] excesses, int since, int count)
    {
        var lane = new DetectorState(1).At(0);
        lane[DetectorRow.Count] = count;
        lane[DetectorRow.Deviation] = 1;
        lane[DetectorRow.DifferenceSquare] = 2 * 1.25f * 1.25f;
        lane[DetectorRow.TailStart] = 10;
        lane[DetectorRow.TailUnit] = 1;
        lane[DetectorRow.TailSince] = since;
        (lane[DetectorRow.TailWeight], lane[DetectorRow.TailShape], lane[DetectorRow.TailScale]) = (0.03f, 0, 2);
        for (var i = 0; i < excesses.Length; i++) lane.Short(Row + i) = (ushort)excesses[i];
        return lane;
    }

    private static int[] Counts(in Lane lane)
    {
        var counts = new int[TailFit.BinCount];
        for (var i = 0; i < counts.Length; i++) counts[i] = lane.Short(Row + i);
        return counts;
    }
}
