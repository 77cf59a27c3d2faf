using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

public sealed class DemoVerbTests
{
    [Fact]
    public void It_ends_when_asked_to_even_while_it_is_still_learning()
    {
        var ended = Servimon.Run("demo", "--for", "2s").Expect(ExitCode.Done);

        Assert.StartsWith("Trained on 7 days of 42 simulated assets", ended.Out, StringComparison.Ordinal);
        Assert.Contains("ended after 2 s, as asked", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Recorded_runs_are_replayed_and_every_line_is_json_when_asked()
    {
        var ended = Servimon.Run("demo", "--recorded", "--json", "--for", "45s").Expect(ExitCode.Done);
        var boards = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();

        Assert.StartsWith("Trained on 14 Kafka runs (8 failed) and 13 Cassandra runs (8 failed); replayed: every third run in name order, 6 Kafka runs (5 failed) and 6 Cassandra runs (4 failed).", ended.Error, StringComparison.Ordinal);
        Assert.Equal("summary", boards[^1].GetProperty("kind").GetString());
        Assert.Equal(12, boards[^1].GetProperty("assets").GetArrayLength());
        Assert.All(boards, b => Assert.All(b.GetProperty("assets").EnumerateArray(), a =>
            Assert.Equal(a.GetProperty("state").GetString() == "ready", a.GetProperty("probability").EnumerateObject().Any())));
    }
}
