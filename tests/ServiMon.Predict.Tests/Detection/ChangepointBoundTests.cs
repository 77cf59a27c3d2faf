using CsCheck;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Lanes;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>What is passed over without a look, against what a look would have found.</summary>
public class ChangepointBoundTests
{
    private const float Side = 8;

    /// <summary>GLR = 40 asks for this share of the squares where 247 values are compared, and for more where there are fewer.</summary>
    private static readonly double LeastShare = 1 - Math.Exp(-80.0 / 247);

    [Fact]
    public void Nothing_is_passed_over_where_a_border_takes_away_what_a_change_asks_for() =>
        Gen.Select(Gen.Int[20, 400], Gen.Double[0, 6], Gen.Double[0, 0.4], Gen.Int[1, 10_000]).Sample((count, size, missing, seed) =>
        {
            var (may, share) = Look(count, Series(count, size, missing, seed));
            Assert.True(may || share < LeastShare, $"a border takes away {share}");
        }, seed: "0000KOXqXEe9", iter: 2000, threads: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Noise_is_passed_over(double missing)
    {
        var passed = 0;
        for (var seed = 1; seed <= 200; seed++)
            if (!Look(320 + seed, Series(320 + seed, 0, missing, seed)).May) passed++;
        Assert.InRange(passed, 195, 200);
    }

    [Fact]
    public void What_never_changes_is_passed_over() => Assert.False(Look(300, [.. Enumerable.Repeat(3.0, 300)]).May);

    /// <summary>Noise that changes its level by so many deviations somewhere.</summary>
    private static double[] Series(int count, double size, double missing, int seed)
    {
        var values = SyntheticSeries.Make("gaussian", count, seed);
        var random = new Random(seed);
        var change = random.Next(count);
        for (var i = 0; i < count; i++)
        {
            if (i >= change) values[i] += size;
            if (random.NextDouble() < missing) values[i] = double.NaN;
        }

        return values;
    }

    /// <summary>Whether a look may find a change, and the largest share of the squares that a border takes away.</summary>
    private static (bool May, double Share) Look(int count, double[] values)
    {
        var rows = new DetectorState(1).Block<OneLane, Floats4>(0);
        for (var i = 0; i < count; i++) Cells.Append(rows, Floats4.Create([(float)values[i], float.NaN, float.NaN, float.NaN]), i + 1);
        var levels = Cells.Levels(rows);
        var n = levels.LongCount[0];
        if (n < 2 * Side) return (false, 0);
        var may = ChangepointBound.MayChange(rows, levels.LongCount, levels.Long, Floats4.Create(Side), count);

        Span<Cell> cells = new Cell[Cells.RowCount];
        cells = cells[..Cells.List(cells, count)];
        double whole = 0, right = 0, sum = 0, best = 0;
        foreach (var cell in cells)
        {
            var (number, total, spread) = Cells.Read(rows, cell);
            var centred = total[0] - (double)number[0] * levels.Long[0];
            whole += spread[0] + centred * centred / Math.Max(1, number[0]);
            right += number[0];
            sum += centred;
            if (right >= Side && n - right >= Side) best = Math.Max(best, sum * sum * n / (right * (n - right)));
        }

        return (may, whole > 0 ? best / whole : 0);
    }
}
