using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class IntervalFileTests
{
    private static readonly string[] Assets = ["dc1/kafka-1", "dc1/kafka-2", "host-9"];

    [Fact]
    public void Reads_incidents_and_writes_them_the_same()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.csv", "kind,asset,end,start\ndisk,a,2024-01-01T01:00:00Z,2024-01-01T00:00:00Z\n,a,,2024-01-02T00:00:00Z\n");
        var incidents = IncidentFile.Read(path);
        Assert.Equal([new Incident("a", At(1), At(1).AddHours(1), "disk"), new Incident("a", At(2), null, "")], incidents);
        IncidentFile.Write(folder.Path("o.csv"), incidents);
        Assert.Equal("asset,start,end,kind\na,2024-01-01T00:00:00Z,2024-01-01T01:00:00Z,disk\na,2024-01-02T00:00:00Z,,\n", File.ReadAllText(folder.Path("o.csv")));
        Assert.Equal(incidents, IncidentFile.Read(folder.Path("o.csv")));
        var windows = new[] { new MaintenanceWindow("b", At(1), At(2), "planned") };
        MaintenanceFile.Write(folder.Path("m.csv.gz"), windows);
        Assert.Equal(windows, MaintenanceFile.Read(folder.Path("m.csv.gz")));
    }

    [Fact]
    public void A_header_alone_and_missing_optional_columns_are_valid()
    {
        using var folder = new TemporaryFolder();
        Assert.Empty(IncidentFile.Read(folder.Write("i.csv", "asset,start,end,kind\n")));
        Assert.Equal([new Incident("a", At(1), null, "")], IncidentFile.Read(folder.Write("j.csv", "asset,start\na,2024-01-01T00:00:00Z\n")));
    }

    [Theory]
    [InlineData("", "", "the file is empty: the first line must name the columns")]
    [InlineData("asset,begin\n", ":1", "column 'start' is missing; the header has asset, begin; the file is asset,start,end,kind")]
    [InlineData("asset,start\ndc1/kafka-3,2024-01-01T00:00:00Z\n", ":2", "asset 'dc1/kafka-3' is not in the samples; the nearest is 'dc1/kafka-1'")]
    [InlineData("asset,start\nzebra,2024-01-01T00:00:00Z\n", ":2", "asset 'zebra' is not in the samples")]
    [InlineData("asset,start\ndc1,2024-01-01T00:00:00Z\n", ":2", "asset 'dc1' is not in the samples")]
    [InlineData("asset,start\nhost-9,5\n", ":2", "start '5' is a plain number; write ISO-8601 UTC such as 2024-01-01T00:00:00Z")]
    [InlineData("asset,start,end\nhost-9,2024-01-01T00:00:00Z,never\n", ":2", "end 'never' is not a time; write ISO-8601 UTC such as 2024-01-01T00:00:00Z")]
    [InlineData("asset,start,end\nhost-9,2024-01-02T00:00:00Z,2024-01-01T00:00:00Z\n", ":2", "end 2024-01-01T00:00:00Z is before start 2024-01-02T00:00:00Z")]
    [InlineData("asset,start\nhost-9,2024-01-01T00:00:00Z\nhost-9,2024-01-01T00:00:00Z\n", ":3", "the same incident of asset 'host-9' stands in line 2")]
    [InlineData("asset,start,end\nhost-9,2024-01-02T00:00:00Z,\nhost-9,2024-01-01T00:00:00Z,2024-01-03T00:00:00Z\n", ":3", "incident of asset 'host-9' from 2024-01-01T00:00:00Z overlaps the one in line 2, which runs from 2024-01-02T00:00:00Z to no end")]
    public void Says_what_is_wrong_and_where(string text, string line, string what)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.csv", text);
        var error = Assert.Throws<InputException>(() => IncidentFile.Read(path, new IntervalReadOptions { KnownAssets = Assets }));
        Assert.Equal($"{path}{line}: {what}", error.Problems[0].ToString());
    }

    [Fact]
    public void Parents_of_path_names_are_known_for_composites()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.csv", "asset,start\ndc1,2024-01-01T00:00:00Z\n");
        Assert.Single(IncidentFile.Read(path, new IntervalReadOptions { KnownAssets = Assets, Composite = true }));
    }

    [Fact]
    public void Incidents_that_touch_are_two_and_the_later_line_of_a_clash_is_skipped()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("i.csv", """
            asset,start,end
            a,2024-01-02T00:00:00Z,2024-01-03T00:00:00Z
            a,2024-01-03T00:00:00Z,2024-01-04T00:00:00Z
            a,2024-01-01T00:00:00Z,2024-01-05T00:00:00Z
            a,2024-01-03T00:00:00Z,2024-01-04T00:00:00Z
            b,now,
            """);
        IReadOnlyDictionary<BadRow, long>? skipped = null;
        var incidents = IncidentFile.Read(path, new IntervalReadOptions { SkipBadRows = true, OnSkipped = s => skipped = s });
        Assert.Equal([At(2), At(3)], incidents.Select(i => i.Start));
        Assert.Equal(new Dictionary<BadRow, long> { [BadRow.Time] = 1, [BadRow.Duplicate] = 1, [BadRow.Overlap] = 1 }, skipped);
    }

    private static DateTimeOffset At(int day) => new(2024, 1, day, 0, 0, 0, TimeSpan.Zero);
}
