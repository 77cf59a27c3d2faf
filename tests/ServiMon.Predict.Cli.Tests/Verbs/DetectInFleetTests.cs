using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>detect over all metrics of a fleet.</summary>
public sealed class DetectInFleetTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    private const string Header = "asset,time,metric,finding,location,value,score,p_value,share";

    [Fact]
    public void What_was_put_into_the_metrics_is_found_with_a_profile_and_with_one_drafted_from_the_data()
    {
        var samples = small.Write("pumps.csv", Pumps());
        var profile = small.Write("pump.yaml", "profile: pump\nstep: 10m\nhorizons: [1h]\nstale_after: 1h\nmetrics:\n  strokes_total: {kind: counter}\n");
        foreach (var choice in new string[][] { ["--profile", profile], [] })
        {
            var (output, segments) = (small.At("findings.csv"), small.At("segments.csv"));
            var ended = Servimon.Run(["detect", "--samples", samples, "--output", output, "--segments", segments, .. choice]).Expect(ExitCode.Done);
            Assert.Contains("2 assets, 2 metrics, 2000 rows: ", ended.Out, StringComparison.Ordinal);

            var rows = File.ReadAllLines(output);
            Assert.Equal(Header, rows[0]);
            Assert.Contains(rows, r => r.StartsWith("pump-1,2024-01-04T11:20:00Z,heat,spike,,60,", StringComparison.Ordinal));
            var change = Assert.Single(rows, r => r.StartsWith("pump-2,", StringComparison.Ordinal) && r.Contains(",strokes_total,changepoint,", StringComparison.Ordinal));
            Assert.Contains(",2024-01-05T04:00:00Z,", change, StringComparison.Ordinal);
            var cut = File.ReadAllLines(segments);
            Assert.Equal("asset,metric,from,to,rows,mean,deviation", cut[0]);
            Assert.Contains(cut, r => r.StartsWith("pump-2,strokes_total,2024-01-05T04:00:00Z,2024-01-07T22:30:00Z,400,", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void For_machines_there_are_counts_of_every_kind()
    {
        var output = small.At("all.csv");
        using var json = JsonDocument.Parse(Servimon.Run("detect", "--samples", small.Samples, "--profile", small.Profile, "--output", output, "--json").Expect(ExitCode.Done).Out);
        var findings = json.RootElement.GetProperty("findings");
        Assert.Equal(["spike", "changepoint", "drift", "stuck", "missing", "apart"], findings.EnumerateObject().Select(p => p.Name));
        var kinds = File.ReadAllLines(output).Skip(1).Select(r => r.Split(',')[3]).ToList();
        foreach (var finding in findings.EnumerateObject()) Assert.Equal(finding.Value.GetInt64(), kinds.Count(k => k == finding.Name));
    }

    [Fact]
    public void A_series_is_cut_into_stretches_too()
    {
        var input = small.Write("steps.csv", "time,value\n" + string.Join('\n', Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"2024-01-01T{i / 60:00}:{i % 60:00}:00Z,{(i < 120 ? 0 : 8) + i % 3}"))) + "\n");
        var segments = small.At("cut.csv");
        Servimon.Run("detect", "--input", input, "--output", small.At("d.csv"), "--segments", segments).Expect(ExitCode.Done);
        var rows = File.ReadAllLines(segments);
        Assert.Equal("from,to,rows,mean,deviation", rows[0]);
        Assert.Equal(["2024-01-01T00:00:00Z,2024-01-01T01:59:00Z,120,1", "2024-01-01T02:00:00Z,2024-01-01T03:19:00Z,80"], rows.Skip(1).Select((r, i) => string.Join(',', r.Split(',')[..(4 - i)])));
    }

    [Fact]
    public void One_of_the_two_inputs_is_asked_for()
    {
        var output = small.At("none.csv");
        Assert.Contains("--input, --samples: give one of the two", Servimon.Run("detect", "--output", output).Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
        Assert.Contains("not both", Servimon.Run("detect", "--output", output, "--input", "a", "--samples", "b").Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
        Assert.Contains("--samples: is not known to --engine mlnet",
            Servimon.Run("detect", "--output", output, "--samples", small.Samples, "--engine", "mlnet").Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    /// <summary>Ten minutes a row: heat is noise with one spike on the first pump, strokes a counter whose rate doubles on the second.</summary>
    private static string Pumps()
    {
        var random = new Random(1);
        var text = new StringBuilder("time,asset,heat,strokes_total\n");
        var strokes = new double[2];
        for (var i = 0; i < 1000; i++)
            for (var pump = 0; pump < 2; pump++)
            {
                strokes[pump] += (pump == 1 && i >= 600 ? 1200 : 600) + 60 * random.NextDouble();
                var heat = pump == 0 && i == 500 ? 60 : 40 + random.NextDouble() + random.NextDouble();
                var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(10 * i);
                text.Append(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ssZ},pump-{pump + 1},{heat:R},{strokes[pump]:R}\n");
            }
        return text.ToString();
    }
}
