using CsCheck;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Series;

public sealed class AssetGridTests
{
    private static readonly Gen<AssetGrid> Grids =
        Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Long[1, 1_000_000_000]).Select((anchor, step) => new AssetGrid(anchor, step));

    [Fact]
    public void Every_time_lies_in_the_window_of_its_step() =>
        Gen.Select(Grids, Gen.Long[-1_000_000_000_000, 2_000_000_000_000]).Sample((grid, ticks) =>
        {
            var step = grid.StepOf(ticks);
            Assert.True(ticks < grid.EndOf(step));
            Assert.True(ticks >= grid.EndOf(step - 1));
        });

    [Fact]
    public void Jitter_below_half_a_step_moves_no_sample() =>
        Gen.Select(Grids, Gen.Long[-1000, 100_000], Gen.Double[-0.499, 0.499]).Sample((grid, step, jitter) =>
            Assert.Equal(step, grid.StepOf(grid.CentreOf(step) + (long)(jitter * (grid.StepTicks - 1)))));
}
