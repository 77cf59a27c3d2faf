using System.Globalization;
using System.Text;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

/// <summary>Reading a file in pieces gives what reading it whole gives.</summary>
public class SampleChunksTests
{
    private const string Day = "2024-01-01T";

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 7)]
    [InlineData(false, 100_000)]
    [InlineData(true, 1)]
    [InlineData(true, 10)]
    [InlineData(true, 100_000)]
    public void Pieces_put_together_are_the_whole(bool isLong, int chunkRows)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", isLong ? Long(40) : Wide(40));
        var whole = SampleFile.Read(path);
        var totals = new SampleTotals();
        var cells = new SortedDictionary<(string, long, string), double>();
        foreach (var rows in SampleFile.ReadChunks(path, new SampleReadOptions(), chunkRows, totals).SelectMany(chunk => chunk))
        {
            Assert.InRange(rows.Count, 1, chunkRows);
            for (var r = 0; r < rows.Count; r++)
                for (var m = 0; m < rows.Metrics.Count; m++)
                    if (!double.IsNaN(rows.Row(r)[m])) Assert.True(cells.TryAdd((rows.Asset, rows.Ticks[r], rows.Metrics[m]), rows.Row(r)[m]));
        }
        var expected = new SortedDictionary<(string, long, string), double>();
        foreach (var rows in whole.History.Assets)
            for (var r = 0; r < rows.Count; r++)
                for (var m = 0; m < rows.Metrics.Count; m++)
                    if (!double.IsNaN(rows.Row(r)[m])) expected.Add((rows.Asset, rows.Ticks[r], rows.Metrics[m]), rows.Row(r)[m]);
        Assert.Equal(expected, cells);
        Assert.Equal(whole.History.Assets.Select(a => a.Asset).Order(), totals.Assets.Order());
        Assert.Equal(whole.InfiniteCount, totals.InfiniteCount);
        Assert.Equal(isLong ? 240 : 120, totals.RowCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void The_rules_for_bad_rows_are_the_same(int chunkRows)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("bad.csv", $"time,asset,m\n{Day}00:00:00Z,a,1\n{Day}00:01:00Z,a,x\n{Day}00:00:00Z,a,2\nlater,a,3\n{Day}00:05:00Z,a,4\n");
        var expected = Assert.Throws<InputException>(() => SampleFile.Read(path));
        var actual = Assert.Throws<InputException>(() => SampleFile.ReadChunks(path, new SampleReadOptions(), chunkRows, new SampleTotals()).Count());
        Assert.Equal(expected.Problems, actual.Problems);

        var totals = new SampleTotals();
        var skipping = new SampleReadOptions { SkipBadRows = true };
        Assert.Equal(2, SampleFile.ReadChunks(path, skipping, chunkRows, totals).Sum(chunk => chunk.Sum(r => r.Count)));
        Assert.Equal(SampleFile.Read(path, skipping).Skipped, totals.Skipped);

        var empty = folder.Write("empty.csv", "time,asset,m\n");
        Assert.Equal(
            Assert.Throws<InputException>(() => SampleFile.Read(empty)).Problems,
            Assert.Throws<InputException>(() => SampleFile.ReadChunks(empty, skipping, chunkRows, new SampleTotals()).Count()).Problems);
    }

    private static string Wide(int steps)
    {
        var text = new StringBuilder("time,asset,m0,m1\n");
        for (var i = 0; i < steps; i++)
            foreach (var asset in new[] { "a", "b", "c" })
                text.Append(CultureInfo.InvariantCulture, $"{Day}{i / 60:00}:{i % 60:00}:00Z,{asset},{(i % 7 == 0 ? "" : i * 0.5)},{(i == 9 ? "+Inf" : i)}\n");
        return text.ToString();
    }

    /// <summary>One metric of an asset after the other: the cells of one row stand far apart.</summary>
    private static string Long(int steps)
    {
        var text = new StringBuilder("time,metric,value,instance\n");
        foreach (var asset in new[] { "a", "b", "c" })
            foreach (var metric in new[] { "m0", "m1" })
                for (var i = 0; i < steps; i++) text.Append(CultureInfo.InvariantCulture, $"{Day}00:{i:00}:00Z,{metric},{i * 0.5},{asset}\n");
        return text.ToString();
    }
}
