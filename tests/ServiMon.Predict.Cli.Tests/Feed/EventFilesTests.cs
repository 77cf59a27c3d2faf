using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Feed;

public sealed class EventFilesTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-events-");

    [Fact]
    public void An_incident_has_no_end_in_the_file_until_it_is_over()
    {
        var files = new EventFiles(_folder.FullName, ["drive"]);
        Assert.Equal(["asset,start,end,kind"], Lines("incidents"));

        files.Take(Step(1, new Incident("a", Start.AddMinutes(1), Start.AddMinutes(3), "wear")));
        Assert.Equal("a,2024-01-01T00:01:00Z,,wear", Lines("incidents")[1]);
        files.Take(Step(2));
        files.Take(Step(4));
        Assert.Equal("a,2024-01-01T00:01:00Z,2024-01-01T00:03:00Z,wear", Lines("incidents")[1]);
        Assert.Single(Lines("maintenance"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string[] Lines(string name) => File.ReadAllLines(Path.Combine(_folder.FullName, "drive", $"{name}.csv"));

    private static FeedStep Step(int minute, params Incident[] incidents) =>
        new(Start.AddMinutes(minute), [], [.. incidents.Select(i => new FleetIncident("drive", i))], []);
}
