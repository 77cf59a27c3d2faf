using ServiMon.Predict.Detection;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>The sums that are kept from one closing block to the next are those of the cells.</summary>
public class CellSumsTests
{
    private const int Steps = 700;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Levels_are_means_of_the_values_in_the_window(double missingShare)
    {
        var random = new Random(7);
        var rows = new DetectorState(1).Block<OneLane, Floats4>(0);
        var values = new List<float>();
        for (var count = 1; count <= Steps; count++)
        {
            values.Add(random.NextDouble() < missingShare ? float.NaN : (float)(random.NextDouble() + count / 100.0));
            Cells.Append(rows, Floats4.Create([values[^1], float.NaN, float.NaN, float.NaN]), count);
            var levels = Cells.Levels(rows);
            AssertMean(values, Cells.OldestAge(count), levels.Long[0], levels.LongCount[0]);
            AssertMean(values, (int)(count - Cells.Sixteens(count)), levels.Short[0], levels.ShortCount[0]);
        }
    }

    [Fact]
    public void Adding_up_anew_gives_what_has_been_kept()
    {
        var random = new Random(8);
        var rows = new DetectorState(2).Block<TwoLanes, Floats4>(0);
        for (var count = 1; count <= Steps; count++)
        {
            Cells.Append(rows, Floats4.Create([random.Next(100), random.Next(8) == 0 ? float.NaN : random.Next(100), float.NaN, float.NaN]), count);
            var kept = Cells.Levels(rows);
            Cells.Sum(rows, count);
            // Of whole numbers sums are exact, in whatever order.
            Assert.Equal(kept, Cells.Levels(rows));
        }
    }

    private static void AssertMean(List<float> values, int age, float mean, float count)
    {
        var window = values.Skip(values.Count - age).Where(v => !float.IsNaN(v)).ToList();
        Assert.Equal(window.Count, count);
        if (window.Count > 0) Assert.Equal(window.Average(v => (double)v), mean, 1e-4);
    }
}
