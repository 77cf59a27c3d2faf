using ServiMon.Predict.Hazard;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>One view, drawn three ways.</summary>
public sealed class BoardTests
{
    private static readonly BoardView View = new(
        "A title", "12:00", ["1h", "6h"],
        [
            new BoardRow("rack[1]/down", "host", PredictionState.InIncident, PredictionBasis.Learned, [double.NaN, double.NaN], false, "", TimeSpan.FromMinutes(75), false),
            new BoardRow("hot", "host", PredictionState.Ready, PredictionBasis.Learned, [0.0001, 0.62], true, "pressure 80 %: memory 4.0 sd above its baseline", null, false),
            new BoardRow("away", "host", PredictionState.Maintenance, PredictionBasis.Prior, [double.NaN, double.NaN], false, "", null, true),
        ],
        new AlarmCounts(1, 2, 3), ["look there", "try this"]);

    [Fact]
    public void As_text_every_asset_is_a_line() => Assert.Equal(
        [
            "12:00: incidents 3, predicted 1, missed 2, false alarms 3",
            "  asset         state            1h    6h  warned             reason",
            "  rack[1]/down  in_incident       -     -  1 h 15 min before",
            "  hot           ALARM        <0.1 %  62 %  -                  pressure 80 %: memory 4.0 sd above its baseline",
            "  away          maintenance       -     -  missed",
        ],
        BoardText.Lines(View));

    [Fact]
    public void As_text_before_any_asset_was_heard_of_there_is_no_empty_table() => Assert.Equal(
        ["12:00: incidents 3, predicted 1, missed 2, false alarms 3", "  nothing has been heard of any asset yet"], BoardText.Lines(View with { Rows = [] }));

    [Fact]
    public void Drawn_it_fits_the_width_and_names_everything()
    {
        var drawn = Drawn(150, 40);

        Assert.All(drawn.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 150, line));
        Assert.Equal(11, drawn.TrimEnd().Split('\n').Length);
        foreach (var text in new[] { "A title", "12:00", "failing within", "6h", "rack[1]/down", "failed", "ALARM", "62 %", "1 h 15 min", "missed", "maintenance", "look there", "try this" })
            Assert.Contains(text, drawn, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, "short", "short")]
    [InlineData(20, "pressure 80 %: memory 4.0 sd", "memory 4.0 sd")]
    [InlineData(9, "pressure 80 %: memory 4.0 sd", "memo…0 sd")]
    public void Long_reasons_lose_the_group_and_then_the_middle(int room, string text, string cut) => Assert.Equal(cut, BoardTable.Shortened(text, room));

    [Fact]
    public void A_low_terminal_shows_the_riskiest_and_says_how_many_more_there_are()
    {
        var many = View with { Rows = [.. Enumerable.Range(0, 50).Select(i => View.Rows[1] with { Asset = $"asset-{i}" })] };

        Assert.Contains("and 42 assets at less risk", Drawn(100, 20, many), StringComparison.Ordinal);
    }

    [Fact]
    public void As_json_probabilities_are_there_for_ready_assets_alone()
    {
        using var json = System.Text.Json.JsonDocument.Parse(BoardJson.Line("board", View));
        var assets = json.RootElement.GetProperty("assets");

        Assert.Empty(assets[0].GetProperty("probability").EnumerateObject());
        Assert.Equal(0.62, assets[1].GetProperty("probability").GetProperty("6h").GetDouble());
        Assert.Equal(4500, assets[0].GetProperty("lead_seconds").GetDouble());
    }

    private static string Drawn(int width, int height, BoardView? view = null)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text), Interactive = InteractionSupport.No });
        console.Profile.Width = width;
        console.Write(BoardTable.Draw(view ?? View, width, height));
        return text.ToString();
    }
}
