using ServiMon.Predict.Hazard;
using Xunit;

namespace ServiMon.Predict.Tests.Hazard;

public class TreeEnsembleTests
{
    // Tree 0: x0 <= 1 ? leaf 10 : (x1 <= 5 ? leaf 20 : leaf 30), missing x0 goes left, missing x1 right. Tree 1: a single leaf of 1.
    private static TreeEnsemble Trees() => new(
        2, roots: [0, ~3], feature: [0, 1], threshold: [1, 5], missingLeft: [true, false], left: [~0, ~1], right: [1, ~2],
        leaf: [10, 20, 30, 1], scale: 0.5, offset: -2);

    [Theory]
    [InlineData(1f, 0f, 10)]
    [InlineData(1.1f, 5f, 20)]
    [InlineData(2f, 6f, 30)]
    [InlineData(float.NaN, 6f, 10)]
    [InlineData(2f, float.NaN, 30)]
    [InlineData(float.NegativeInfinity, 6f, 10)]
    public void Rows_reach_their_leaves(float x0, float x1, double leaf)
    {
        Assert.Equal(0.5 * (leaf + 1) - 2, Trees().Score([x0, x1]));
    }

    [Fact]
    public void A_part_of_the_trees_can_be_summed()
    {
        Assert.Equal(1, Trees().LeafSum([1, 0], 1, 2));
        Assert.Equal(10, Trees().LeafSum([1, 0], 0, 1));
    }

    [Fact]
    public void Arrays_that_are_no_trees_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, [0], [0], [1], [true], [0], [~0], [1], 1, 0));
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, [0], [1], [1], [true], [~0], [~0], [1], 1, 0));
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, [0], [0], [1], [true], [~0], [~1], [1], 1, 0));
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, [3], [0], [1], [true], [~0], [~0], [1], 1, 0));
        Assert.Throws<ArgumentException>(() => new TreeEnsemble(1, [0], [0], [1], [true, false], [~0], [~0], [1], 1, 0));
    }
}
