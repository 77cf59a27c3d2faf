using System.Globalization;
using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>detect and forecast, on one series with dirt in it.</summary>
public sealed class SeriesVerbsTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Every_input_row_has_its_output_row_with_its_time_as_read()
    {
        var lines = Series(300).ToList();
        lines[100] = lines[99];                      // a duplicate
        lines[150] = lines[150].Split(',')[0] + ","; // a missing value
        lines[200] = lines[120];                     // a late row
        lines[250] = lines[250].Split(',')[0] + ",1e6";
        var input = small.Write("dirty.csv", "time,value\n" + string.Join('\n', lines) + "\n");
        var output = small.At("detections.csv");
        var ended = Servimon.Run("detect", "--input", input, "--output", output).Expect(ExitCode.Done);

        var rows = File.ReadAllLines(output);
        Assert.Equal("time,value,score,p_value,verdict,location", rows[0]);
        Assert.Equal(lines.Select(l => l.Split(',')[0]), rows.Skip(1).Select(r => r.Split(',')[0]));
        Assert.Equal("spike", rows[251].Split(',')[4]);
        Assert.Contains("; 1 missing value, 2 duplicate times", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forecast_continues_the_grid_and_its_quantiles_are_ordered()
    {
        var input = small.Write("series.csv", "time,value\n" + string.Join('\n', Series(400)) + "\n");
        var output = small.At("forecast.csv");
        using var json = JsonDocument.Parse(Servimon.Run("forecast", "--input", input, "--horizon", "12", "--output", output, "--json").Expect(ExitCode.Done).Out);

        var rows = File.ReadAllLines(output);
        Assert.Equal("time,q0.025,q0.5,q0.975", rows[0]);
        Assert.Equal(13, rows.Length);
        Assert.StartsWith("2024-01-01T06:40:00Z,", rows[1], StringComparison.Ordinal);
        Assert.All(rows.Skip(1).Select(r => r.Split(',')[1..].Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray()), q => Assert.True(q[0] <= q[1] && q[1] <= q[2]));
        Assert.Equal(12, json.RootElement.GetProperty("steps").GetInt32());
    }

    [Fact]
    public void Detection_is_told_how_many_alarms_which_way_and_whose_clock()
    {
        // Busy from nine to five in Rome, whose clock goes forward on 31 March 2024.
        var rome = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome");
        var random = new Random(3);
        var start = new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Enumerable.Range(0, 24 * 60).Select(i => start.AddHours(i)).Select((t, i) => string.Create(CultureInfo.InvariantCulture,
            $"{t:yyyy-MM-ddTHH:mm:ssZ},{(TimeZoneInfo.ConvertTimeFromUtc(t, rome).Hour is >= 9 and < 17 ? 50 : 0) + random.NextDouble() + (i == 1000 ? 90 : i == 1010 ? -90 : 0):0.####}"));
        var input = small.Write("office.csv", "time,value\n" + string.Join('\n', rows) + "\n");
        var profile = small.Write("rome.yaml", "profile: office\nstep: 1h\nhorizons: [6h]\ntime_zone: Europe/Rome\n");

        string[] Detected(params string[] choice)
        {
            var output = small.At("office-detections.csv");
            Servimon.Run(["detect", "--input", input, "--output", output, .. choice]).Expect(ExitCode.Done);
            return File.ReadAllLines(output);
        }

        var local = Detected("--time-zone", "Europe/Rome");
        Assert.Equal(local, Detected("--profile", profile));
        Assert.Equal(Detected(), Detected("--profile", profile, "--time-zone", "UTC"));
        Assert.NotEqual(Detected(), local);
        Assert.EndsWith(",spike,", local[1001], StringComparison.Ordinal);
        Assert.EndsWith(",spike,", local[1011], StringComparison.Ordinal);
        Assert.EndsWith(",none,", Detected("--time-zone", "Europe/Rome", "--direction", "up")[1011], StringComparison.Ordinal);
        Assert.EndsWith(",none,", Detected("--time-zone", "Europe/Rome", "--direction", "down")[1001], StringComparison.Ordinal);
        static int Spikes(string[] rows) => rows.Count(r => r.EndsWith(",spike,", StringComparison.Ordinal));
        Assert.True(Spikes(Detected("--false-alarms-per-day", "3")) > Spikes(Detected("--false-alarms-per-day", "0.01")));
    }

    [Fact]
    public void Choices_of_detection_that_cannot_be_are_all_told()
    {
        var input = small.Write("short.csv", "time,value\n" + string.Join('\n', Series(10)) + "\n");
        var output = small.At("never.csv");
        var parsed = Servimon.Run("detect", "--input", input, "--output", output, "--false-alarms-per-day", "0", "--direction", "left").Expect(ExitCode.WrongInput);
        Assert.Contains("--false-alarms-per-day: '0' is no number from 0.0001 to 10000", parsed.Error, StringComparison.Ordinal);
        Assert.Contains("--direction: 'left' is not one of both, up, down", parsed.Error, StringComparison.Ordinal);
        var found = Servimon.Run("detect", "--input", input, "--output", output, "--time-zone", "Mars/Olympus", "--profile", "nowhere.yaml").Expect(ExitCode.WrongInput);
        Assert.Contains("'Mars/Olympus' is no time zone", found.Error, StringComparison.Ordinal);
        Assert.Contains("'nowhere.yaml' is neither a file", found.Error, StringComparison.Ordinal);
        var other = Servimon.Run("detect", "--input", input, "--output", output, "--engine", "mlnet", "--direction", "up").Expect(ExitCode.WrongInput);
        Assert.Contains("--direction: is not known to --engine mlnet", other.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    private static IEnumerable<string> Series(int count)
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var random = new Random(7);
        for (var i = 0; i < count; i++)
            yield return string.Create(CultureInfo.InvariantCulture, $"{start.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{10 + 3 * Math.Sin(i * Math.PI / 12) + 0.1 * random.NextDouble():0.####}");
    }
}
