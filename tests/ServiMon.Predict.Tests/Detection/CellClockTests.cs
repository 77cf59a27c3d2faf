using CsCheck;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>The times of cells against a list of all times.</summary>
public class CellClockTests
{
    private const long Start = 638_000_000_000_000_000;

    private const int PlaceCount = Cells.SingleCount + Cells.BlockRowCount;

    /// <summary>A grid; a grid with gaps, with long ones, with another unit from some time on; times that have no unit.</summary>
    private static readonly Func<Random, int, long>[] Spacings =
    [
        (_, _) => 600,
        (random, _) => 600 * (random.Next(20) == 0 ? random.Next(2, 9) : 1),
        (random, _) => 600 * (random.Next(100) == 0 ? random.Next(2, 400) : 1),
        (random, _) => 600 * random.Next(1, 60),
        (_, i) => i < 300 ? 600 : i < 600 ? 250 : 400,
        (random, _) => 600 + random.Next(100),
    ];

    [Fact]
    public void Every_cell_begins_when_its_first_step_was() =>
        Gen.Select(Gen.Int[0, Spacings.Length - 1], Gen.Int[0, 10_000]).Sample((kind, seed) =>
        {
            var random = new Random(seed);
            var clock = new CellClock();
            var times = new List<long>();
            var ticks = Start;
            for (var i = 0; i < 900; i++)
            {
                clock.Step(ticks);
                times.Add(ticks);
                ticks += Spacings[kind](random, i);
                if (random.Next(200) == 0) clock = Reloaded(clock);
                Span<Cell> cells = new Cell[PlaceCount];
                cells = cells[..Cells.List(cells, clock.Count)];
                foreach (var cell in cells) Assert.Equal(times[^cell.Age], clock.StartOf(cell.Age));
            }
        }, iter: 60);

    [Theory]
    [InlineData(0, 71)]
    [InlineData(1, 71)]
    [InlineData(5, 71 + 39 * 8)]
    public void Times_on_a_grid_take_a_byte_a_cell(int kind, int bytes)
    {
        var random = new Random(1);
        var clock = new CellClock();
        var ticks = Start;
        for (var i = 0; i < 900; i++, ticks += Spacings[kind](random, i)) clock.Step(ticks);
        Assert.Equal(bytes, clock.Bytes);
        Assert.Equal(bytes, Reloaded(clock).Bytes);
    }

    private static CellClock Reloaded(CellClock clock)
    {
        var writer = new StateWriter();
        clock.Save(writer);
        var reader = new StateReader(writer.Written.Span);
        var loaded = new CellClock();
        loaded.Load(ref reader);
        Assert.True(reader.AtEnd);
        var copy = new CellClock();
        copy.CopyFrom(loaded);
        return copy;
    }
}
