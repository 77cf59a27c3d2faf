using ServiMon.Predict.Storage.Csv;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Storage.Tests.Csv;

/// <summary>Recorded and public files, cell by cell against a plain split of their lines.</summary>
public class OutsideFileTests
{
    [Theory]
    [InlineData("servimon-recorded/kafka/samples.csv")]
    [InlineData("servimon-recorded/cassandra/samples.csv")]
    [InlineData("cmapss-fd001/train/samples.csv")]
    [InlineData("cmapss-fd003/test/samples.csv")]
    public void Samples_keep_every_row_and_cell(string name)
    {
        var path = TestFiles.OutsideData(name.Split('/'));
        Assert.SkipUnless(path is not null, TestFiles.SkipReason);
        var result = SampleFile.Read(path);
        var lines = File.ReadAllLines(path).Skip(1).ToArray();
        Assert.Equal(lines.Length, result.Rows.Count);
        for (var i = 0; i < lines.Length; i++)
        {
            var cells = lines[i].Split(',');
            var asset = result.History.Assets[result.Rows[i].Asset];
            Assert.Equal(cells[0], result.Rows.TimeText(i));
            Assert.Equal(cells[1], asset.Asset);
            var row = asset.Row(result.Rows[i].Row);
            for (var c = 2; c < cells.Length; c++)
            {
                var expected = cells[c].Length == 0 ? double.NaN : double.Parse(cells[c]);
                if (!row[c - 2].Equals(expected)) Assert.Fail($"line {i + 2}, column {c}: {row[c - 2]} is not {cells[c]}");
            }
        }
    }

    [Theory]
    [InlineData("servimon-recorded/kafka")]
    [InlineData("servimon-recorded/cassandra")]
    public void Incidents_and_maintenance_are_of_known_assets(string name)
    {
        var folder = TestFiles.OutsideData(name.Split('/'));
        Assert.SkipUnless(folder is not null, TestFiles.SkipReason);
        var assets = SampleFile.Read(Path.Combine(folder, "samples.csv")).History.Assets.Select(a => a.Asset).ToArray();
        Assert.NotEmpty(IncidentFile.Read(Path.Combine(folder, "incidents.csv"), new IntervalReadOptions { KnownAssets = assets }));
        Assert.NotEmpty(MaintenanceFile.Read(Path.Combine(folder, "maintenance.csv"), new IntervalReadOptions { KnownAssets = assets }));
    }

    [Fact]
    public void Every_benchmark_series_is_read_with_a_row_for_each_line()
    {
        var folder = TestFiles.OutsideData("nab", "data");
        Assert.SkipUnless(folder is not null, TestFiles.SkipReason);
        foreach (var path in Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories))
            Assert.Equal(File.ReadLines(path).Count() - 1, SeriesFile.Read(path, new SeriesReadOptions { TimeColumn = "timestamp" }).Count);
    }
}
