using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class SeriesFileTests
{
    [Fact]
    public void Dirty_rows_are_marked_and_every_row_stays()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", """
            value,time
            1,2024-01-01 00:00:00
            2,2024-01-01 00:01:00
            ,2024-01-01 00:02:00
            9,2024-01-01 00:02:00
            5,2024-01-01 00:05:00
            4,2024-01-01 00:04:00
            6,2024-01-01 00:06:00
            """);
        var series = SeriesFile.Read(path);
        Assert.Equal(
            [SeriesRow.Good, SeriesRow.Good, SeriesRow.Missing, SeriesRow.Duplicate, SeriesRow.Good, SeriesRow.Late, SeriesRow.Good], series.Kinds);
        Assert.Equal([1, 2, double.NaN, 9, 5, 4, 6], series.Values);
        Assert.Equal(TimeSpan.FromMinutes(1), series.Step);
        Assert.Equal(2, series.GapCount);
        Assert.Equal("2024-01-01 00:05:00", series.TimeTexts[4]);
        Assert.Equal(1, series.CountOf(SeriesRow.Late));
    }

    [Fact]
    public void What_cannot_be_read_is_an_error_or_an_unreadable_row()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "time,value\n2024-01-01T00:00:00Z,1\nnoon,2\n2024-01-01T00:02:00Z,high\n");
        var problems = Assert.Throws<InputException>(() => SeriesFile.Read(path)).Problems;
        Assert.Equal([$"{path}:3", $"{path}:4"], problems.Select(p => p.Where));
        Assert.Equal([SeriesRow.Good, SeriesRow.Unreadable, SeriesRow.Unreadable], SeriesFile.Read(path, new SeriesReadOptions { SkipBadRows = true }).Kinds);
    }

    [Theory]
    [InlineData("", "the file is empty: the first line must name the columns")]
    [InlineData("time,value\n", "there are no rows under the header")]
    [InlineData("timestamp,value\n", "column 'time' is missing; the header has timestamp, value; a series is time,value")]
    public void Names_what_is_missing(string text, string what)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", text);
        Assert.Equal(what, Assert.Throws<InputException>(() => SeriesFile.Read(path)).Problems[0].What);
    }

    [Fact]
    public void Other_column_names_can_be_given_and_one_more_kept()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("s.csv", "\"TimeStamp\",\"Value\",\"Label\"\n\"2018-04-25T00:00:00Z\",\"0.5\",\"1\"\n");
        var series = SeriesFile.Read(path, new SeriesReadOptions { TimeColumn = "TimeStamp", ValueColumn = "Value", KeptColumn = "Label" });
        Assert.Equal([0.5], series.Values);
        Assert.Equal(["1"], series.Kept);
    }

    [Fact]
    public void Written_series_read_back()
    {
        using var folder = new TemporaryFolder();
        SeriesFile.Write(folder.Path("s.csv"), [0, TimeSpan.TicksPerSecond], [0.1, double.NaN]);
        var series = SeriesFile.Read(folder.Path("s.csv"));
        Assert.Equal([0.1, double.NaN], series.Values);
        Assert.Equal([SeriesRow.Good, SeriesRow.Missing], series.Kinds);
    }
}
