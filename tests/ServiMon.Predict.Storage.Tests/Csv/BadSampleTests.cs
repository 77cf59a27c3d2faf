using System.Text;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class BadSampleTests
{
    private const string Time = "2024-01-01T00:00:00Z";
    private const string Form = "write ISO-8601 UTC such as 2024-01-01T00:00:00Z";
    private const string Number = "write a decimal number such as 12.5 or 3e-7, NaN, +Inf, -Inf, or leave the cell empty for missing";

    [Theory]
    [InlineData("", "", "the file is empty: the first line must name the columns")]
    [InlineData("\n\n", "", "the file is empty: the first line must name the columns")]
    [InlineData("time,asset,a\n", "", "there are no rows under the header")]
    [InlineData("time,a,b\n", ":1", "column 'asset' is missing; the header has time, a, b; samples are time,asset,<metric>… or time,metric,value,<label>…")]
    [InlineData("Time,asset,b\n", ":1", "column 'time' is missing; the header has Time, asset, b; samples are time,asset,<metric>… or time,metric,value,<label>…")]
    [InlineData("time,asset\n", ":1", "there is no metric column beside time and asset")]
    [InlineData("time,asset,a,a\n", ":1", "column 'a' comes twice")]
    [InlineData("time,asset,time,a\n", ":1", "column 'time' comes twice")]
    [InlineData("time,asset,\n", ":1", "column 3 has no name")]
    [InlineData("time,metric,value,job\n", ":1", "column 'instance' is missing, which names the asset; the header has time, metric, value, job")]
    [InlineData("time,asset,a\n" + Time + ",x,1\nyesterday,x,2\n", ":3", "time 'yesterday' is not a time; " + Form)]
    [InlineData("time,asset,a\n1704067200,x,2\n", ":2", "time '1704067200' is a plain number; " + Form)]
    [InlineData("time,asset,a\n,x,2\n", ":2", "time is empty; " + Form)]
    [InlineData("time,asset,a\n" + Time + ",x,\"1,5\"\n", ":2", "a '1,5' is not a number; " + Number)]
    [InlineData("time,asset,a\n" + Time + ",x,1\n" + Time + ",x,2\n", ":3", "asset 'x' has time 2024-01-01T00:00:00Z twice")]
    [InlineData("time,asset,a\n" + Time + ",x,1\n2023-12-31T00:00:00Z,x,2\n", ":3", "asset 'x' goes back in time: 2023-12-31T00:00:00Z after 2024-01-01T00:00:00Z; the rows of one asset must ascend")]
    [InlineData("time,asset,a\n" + Time + ",x\n" + Time + ",x,1\n", ":2", "2 cells where the header has 3")]
    [InlineData("time,asset,a\n" + Time + ",x,1,2", ":2", "4 cells where the header has 3")]
    [InlineData("time,asset,a\n" + Time + ",x,1\n2024-01-0", ":3", "the file is cut in the middle of this line: 1 cell where the header has 3 and no line end")]
    [InlineData("time,asset,a\n" + Time + ",\"x,1\n" + Time + ",x,1\n", ":2", "a quote is opened here and never closed: the file is cut in the middle, or the quote is stray")]
    [InlineData("time,asset,a\n" + Time + ",x\"y,1\n", ":2", "a quote stands inside an unquoted cell; quote the whole cell and write the quote twice")]
    [InlineData("time,asset,a\n" + Time + ",\"x\"y,1\n", ":2", "text follows a closing quote; write a quote inside a quoted cell twice")]
    [InlineData("time,asset,a\n" + Time + ", ,1\n", ":2", "asset is empty; name the asset")]
    [InlineData("time,metric,value,asset\n" + Time + ",up,1,x\n" + Time + ",up,1,x\n", ":3", "metric 'up' of asset 'x' has time 2024-01-01T00:00:00Z twice")]
    [InlineData("time,metric,value,asset\n" + Time + ",up,high,x\n", ":2", "value 'high' is not a number; " + Number)]
    [InlineData("time,metric,value,asset\n" + Time + ",,1,x\n", ":2", "metric is empty; name the metric")]
    public void Says_what_is_wrong_and_where(string text, string line, string what)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", text);
        var problem = Assert.Single(Assert.Throws<InputException>(() => SampleFile.Read(path)).Problems);
        Assert.Equal($"{path}{line}: {what}", problem.ToString());
    }

    [Fact]
    public void Names_files_that_cannot_be_opened()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal($"{folder.Path("none.csv")}: no such file", Message(folder.Path("none.csv")));
        Assert.Equal($"{folder.Root}: is a folder, not a file", Message(folder.Root));
        Assert.EndsWith("s.csv.gz: the name ends in .gz but the content is not gzip", Message(folder.Write("s.csv.gz", "time,asset,a\n")));
        Assert.EndsWith("16.csv: the file is UTF-16; write it as UTF-8", Message(folder.Write("16.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("time,asset,a\n")])));
    }

    [Fact]
    public void Names_the_line_that_is_not_utf8()
    {
        using var folder = new TemporaryFolder();
        byte[] latin = [.. Encoding.UTF8.GetBytes($"time,asset,a\n{Time},x,1\n{Time},"), 0xfc, .. ",1\n"u8];
        var path = folder.Write("s.csv", latin);
        Assert.Equal($"{path}:3: the line is not UTF-8", Message(path));
        Assert.Equal(1, SampleFile.Read(path, new SampleReadOptions { SkipBadRows = true }).Skipped[BadRow.Encoding]);
        var header = folder.Write("h.csv", [0xfc, .. ",time,asset\n"u8]);
        Assert.Equal($"{header}:1: the header is not UTF-8", Message(header));
    }

    [Fact]
    public void Accepts_a_byte_order_mark_and_gzip_without_its_name()
    {
        using var folder = new TemporaryFolder();
        var text = $"time,asset,a\n{Time},x,1\n";
        Assert.Single(SampleFile.Read(folder.Write("bom.csv", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)])).Rows);
        Assert.Single(SampleFile.Read(folder.Write("zipped.csv", TemporaryFolder.Gzip(text))).Rows);
        byte[] members = [.. TemporaryFolder.Gzip(text), .. TemporaryFolder.Gzip("2024-01-01T00:01:00Z,x,1\n")];
        Assert.Equal(2, SampleFile.Read(folder.Write("two.csv.gz", members)).Rows.Count);
    }

    [Fact]
    public void Lists_a_hundred_problems_and_counts_the_rest()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "time,asset,a,b\n" + string.Concat(Enumerable.Repeat("x,,y,z\n", 40)));
        var problems = Assert.Throws<InputException>(() => SampleFile.Read(path)).Problems;
        Assert.Equal(101, problems.Count);
        Assert.Equal($"{path}: … and 60 more", problems[100].ToString());
        Assert.Equal($"{path}:26", problems[99].Where);
    }

    [Fact]
    public void Skips_and_counts_each_bad_row_once()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", $"time,asset,a\nx,,y\n{Time},x,1\n{Time},x,2\n{Time},x\n2023-01-01T00:00:00Z,x,1\n2024-01-01T00:00:01Z,x,q\n2024-01-01T00:00:02Z,x,3\n2024");
        var result = SampleFile.Read(path, new SampleReadOptions { SkipBadRows = true });
        Assert.Equal([1.0, 3.0], result.History.Assets[0].Values);
        Assert.Equal(2, result.Rows.Count);
        Assert.Equal(6, result.SkippedCount);
        Assert.Equal(
            new Dictionary<BadRow, long> { [BadRow.Time] = 1, [BadRow.Duplicate] = 1, [BadRow.CellCount] = 1, [BadRow.OutOfOrder] = 1, [BadRow.Number] = 1, [BadRow.Cut] = 1 },
            result.Skipped);
        var none = folder.Write("none.csv", "time,asset,a\nx,,y\n");
        var error = Assert.Throws<InputException>(() => SampleFile.Read(none, new SampleReadOptions { SkipBadRows = true }));
        Assert.Equal($"{none}: no row is usable: 1 skipped (1 bad_time)", error.Message);
    }

    [Fact]
    public void A_file_cut_at_any_byte_gives_an_error_or_whole_rows()
    {
        using var folder = new TemporaryFolder();
        var bytes = Encoding.UTF8.GetBytes($"time,asset,\"a \"\"q\"\"\",b\r\n{Time},\"x, ü\",1.5,2\r\n{Time},y,,-Inf\r\n2024-01-01T00:01:00Z,\"x, ü\",3,4\r\n");
        for (var length = 0; length <= bytes.Length; length++)
        {
            var path = folder.Write("s.csv", bytes[..length]);
            AssertWhole(() => SampleFile.Read(path));
            AssertWhole(() => SampleFile.Read(path, new SampleReadOptions { SkipBadRows = true }));
        }

        static void AssertWhole(Func<SampleReadResult> read)
        {
            try
            {
                var result = read();
                Assert.All(result.History.Assets, a => Assert.Contains(a.Asset, new[] { "x, ü", "y" }));
                Assert.Equal(result.History.RowCount, result.Rows.Count);
            }
            catch (InputException e)
            {
                Assert.All(e.Problems, p => Assert.Contains("s.csv", p.Where));
            }
        }
    }

    [Fact]
    public void A_gzip_file_cut_at_any_byte_is_refused_and_skipping_counts_the_cut()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 300).Select(i => $"{CsvTime.Text(new DateTime(2024, 1, 1).Ticks + i * TimeSpan.TicksPerMinute)},x,{i * 7919 % 104729}\n");
        var bytes = TemporaryFolder.Gzip("time,asset,a\n" + string.Concat(rows));
        Assert.Equal(300, SampleFile.Read(folder.Write("s.csv.gz", bytes)).Rows.Count);
        for (var length = 0; length < bytes.Length; length += length < 40 || length > bytes.Length - 40 ? 1 : 7)
        {
            var path = folder.Write("s.csv.gz", bytes[..length]);
            Assert.Throws<InputException>(() => SampleFile.Read(path));
            try
            {
                var result = SampleFile.Read(path, new SampleReadOptions { SkipBadRows = true });
                Assert.True(result.Skipped[BadRow.Cut] > 0);
                Assert.InRange(result.Rows.Count, 1, 300);
            }
            catch (InputException e)
            {
                Assert.All(e.Problems, p => Assert.StartsWith(path, p.Where));
            }
        }
    }

    private static string Message(string path) => Assert.Throws<InputException>(() => SampleFile.Read(path)).Message;
}
