using CsCheck;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class SampleFileTests
{
    [Fact]
    public void Reads_the_wide_form_with_interleaved_assets_in_any_column_order()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "cpu,time,asset,mem\r\n1.5,2024-01-01 00:00:00,b,\r\n2,2024-01-01T00:00:00Z,a,7\r\n\r\n-Inf,2024-01-01T00:01:00Z,b,NaN\r\n");
        var result = SampleFile.Read(path);
        Assert.False(result.IsLong);
        Assert.Equal(["cpu", "mem"], result.History.Metrics);
        Assert.Equal(["b", "a"], result.History.Assets.Select(a => a.Asset));
        Assert.Equal([1.5, double.NaN, double.NaN, double.NaN], result.History.Assets[0].Values);
        Assert.Equal([2.0, 7.0], result.History.Assets[1].Values);
        Assert.Equal([new RowKey(0, 0), new RowKey(1, 0), new RowKey(0, 1)], result.Rows);
        Assert.Equal(["2024-01-01 00:00:00", "2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z"], Enumerable.Range(0, 3).Select(result.Rows.TimeText));
        Assert.Equal(1, result.InfiniteCount);
        Assert.Empty(result.Skipped);
    }

    [Fact]
    public void Reads_the_long_form_as_the_union_of_times_at_their_first_place()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", """
            time,metric,value,instance,rack,job
            2024-01-01T00:01:00Z,up,1,n1,r1,x
            2024-01-01T00:02:00Z,up,0,n1,r1,x
            2024-01-01T00:00:00Z,lag,5,n1,r1,x
            2024-01-01T00:02:00Z,lag,6,n1,r1,x
            2024-01-01T00:02:00Z,up,1,n2,r1,x
            """);
        var result = SampleFile.Read(path, new SampleReadOptions { Identity = ["rack", "instance"] });
        Assert.True(result.IsLong);
        Assert.Equal(["up", "lag"], result.History.Metrics);
        var n1 = result.History.Assets[0];
        Assert.Equal("r1/n1", n1.Asset);
        Assert.Equal([double.NaN, 5, 1, double.NaN, 0, 6], n1.Values);
        Assert.Equal([new RowKey(0, 1), new RowKey(0, 2), new RowKey(0, 0), new RowKey(1, 0)], result.Rows);
        Assert.Equal("2024-01-01T00:01:00Z", result.Rows.TimeText(0));
        Assert.Equal("2024-01-01T00:00:00Z", result.Rows.TimeText(2));
        Assert.Equal("n1", SampleFile.Read(path).History.Assets[0].Asset);
    }

    [Fact]
    public void Keeps_only_the_metrics_asked_for()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "time,asset,a,b,c\n2024-01-01T00:00:00Z,x,1,broken,3\n");
        var result = SampleFile.Read(path, new SampleReadOptions { MetricsFilter = m => m != "b" });
        Assert.Equal(["a", "c"], result.History.Metrics);
        Assert.Equal([1.0, 3.0], result.History.Assets[0].Values);
    }

    [Fact]
    public void Keeps_times_that_ticks_cannot_give_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "time,asset,a\n2024-01-01T00:00:00.123456789Z,x,1\n2024-01-01T00:00:01Z,x,1\n");
        var rows = SampleFile.Read(path).Rows;
        Assert.Equal("2024-01-01T00:00:00.123456789Z", rows.TimeText(0));
        Assert.Equal("2024-01-01T00:00:01Z", rows.TimeText(1));
    }

    [Theory]
    [InlineData("s.csv")]
    [InlineData("s.csv.gz")]
    public void Written_files_read_back_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        var value = Gen.OneOf(Gen.Double, Gen.Double[-100, 100], Gen.Int[-1000, 1000].Select(i => (double)i), Gen.Const(double.NaN));
        var text = Gen.String[Gen.Char["ab\",/\n ü€"], 1, 8].Where(s => s.Trim().Length > 0);
        var fleet = Gen.Select(Gen.Int[1, 4], text.Array[1, 4], Gen.Int[1, 20]).SelectMany((k, names, n) =>
            Gen.Select(value.Array[k * n], Gen.Int[1, 1_000_000].Array[n]).Array[names.Length].Select(assets =>
            {
                var metrics = Enumerable.Range(0, k).Select(i => $"m,{i}").ToArray();
                return new FleetHistory(metrics, assets.Select((a, i) => new AssetRows($"{i}{names[i]}", metrics, Ascending(a.Item2), a.Item1)).ToArray());
            }));
        fleet.Sample(history =>
        {
            var path = folder.Path(name);
            SampleFile.WriteWide(path, history);
            var read = SampleFile.Read(path);
            Assert.Equal(history.Metrics, read.History.Metrics);
            Assert.Equal(history.Assets.Select(a => a.Asset), read.History.Assets.Select(a => a.Asset));
            foreach (var (expected, actual) in history.Assets.Zip(read.History.Assets))
            {
                Assert.Equal(expected.Ticks, actual.Ticks);
                Assert.Equal(expected.Values.Select(v => double.IsFinite(v) ? v : double.NaN), actual.Values);
            }
            var row = 0;
            foreach (var asset in history.Assets)
                foreach (var tick in asset.Ticks) Assert.Equal(CsvTime.Text(tick), read.Rows.TimeText(row++));
        }, iter: 200, threads: 1);
        Assert.Single(Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task Reading_can_be_cancelled_and_reports_progress()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "time,asset,a\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{CsvTime.Text(i * TimeSpan.TicksPerSecond)},x,{i}\n")));
        var last = new LastProgress();
        await SampleFile.ReadAsync(path, null, last, TestContext.Current.CancellationToken);
        Assert.Equal(20_000, last.Value.RowCount);
        Assert.Equal(last.Value.BytesTotal, last.Value.BytesRead);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SampleFile.ReadAsync(path, null, null, new CancellationToken(canceled: true)));
    }

    private static long[] Ascending(int[] steps)
    {
        var ticks = new long[steps.Length];
        var time = 638_000_000_000_000_000;
        for (var i = 0; i < steps.Length; i++) ticks[i] = time += steps[i] * (long)TimeSpan.TicksPerMillisecond + i % 2;
        return ticks;
    }

    private sealed class LastProgress : IProgress<CsvProgress>
    {
        public CsvProgress Value { get; private set; }

        public void Report(CsvProgress value) => Value = value;
    }
}
