using System.Globalization;
using System.Text.RegularExpressions;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using ServiMon.Predict.Training.Evaluation;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Evaluation;

/// <summary>Assets of hourly rows with horizons of 2 and 6 hours; the first ten rows of each have the prior alone.</summary>
public sealed class FailureReportHtmlTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Profile Profile = SmallFleets.Profile(TimeSpan.FromHours(1), "2h", "6h");

    /// <param name="failsAt">Hour at which each asset fails for an hour, or null.</param>
    private static (BacktestResult Result, IReadOnlyList<Incident> Incidents) Backtested(
        IReadOnlyList<(string Asset, int? FailsAt)> assets, int rows = 48, Func<int, int?, double>? probability = null)
    {
        probability ??= (i, fails) => fails is { } f && i < f && i >= f - 6 ? 0.8 : 0.05;
        var predictions = assets.Select(a => new AssetPredictions(
            new AssetRows(a.Asset, ["x"], [.. Enumerable.Range(0, rows).Select(i => Start.AddHours(i).UtcTicks)], new double[rows]), 0,
            [.. Enumerable.Range(0, rows).SelectMany(i => new[] { probability(i, a.FailsAt) / 2, probability(i, a.FailsAt) })],
            [.. Enumerable.Repeat(PredictionState.Ready, rows)],
            [.. Enumerable.Range(0, rows).Select(i => i < 10 ? PredictionBasis.Prior : PredictionBasis.Learned)])).ToList();
        var incidents = assets.Where(a => a.FailsAt is not null)
            .Select(a => new Incident(a.Asset, Start.AddHours(a.FailsAt!.Value), Start.AddHours(a.FailsAt.Value + 1), "disk <full>")).ToList();
        var fleet = new FleetRecord(new FleetHistory(["x"], [.. predictions.Select(p => p.Rows)]), incidents, []);
        var report = new FailureReport
        {
            Profile = "<b>&\"pumps\"", Split = "3 folds by asset", AssetCount = assets.Count, IncidentCount = incidents.Count, RowCount = predictions.Sum(p => p.Count),
            Seed = 1, Horizons = FailureEvaluation.Score(Profile, predictions, Timeline.ByAsset(fleet), 1), Models = ["fold 1: <i>ridge</i> & co"],
        };
        return (new BacktestResult(predictions, [], report), incidents);
    }

    private static string Page(IReadOnlyList<(string, int?)> assets, int rows = 48, Func<int, int?, double>? probability = null)
    {
        var (result, incidents) = Backtested(assets, rows, probability);
        return FailureReportHtml.Write(result, incidents);
    }

    private static readonly (string, int?)[] Some = [("well", null), ("a<script>1</script>", 30), ("c", 25), ("d", 20), ("e", null)];

    [Fact]
    public void Text_from_outside_is_escaped_and_nothing_is_fetched_or_run()
    {
        var page = Page(Some);
        Assert.Contains("&lt;b&gt;&amp;&quot;pumps&quot;", page);
        Assert.Contains("a&lt;script&gt;1&lt;/script&gt;", page);
        Assert.Contains("disk &lt;full&gt;", page);
        Assert.Contains("&lt;i&gt;ridge&lt;/i&gt; &amp; co", page);
        Assert.DoesNotMatch("<script|<link|<img|@import|url\\(|https?:|\\bsrc=|\\bhref=", page);
        Assert.Contains("prefers-color-scheme:dark", page);
    }

    [Fact]
    public void Drawings_are_well_formed_and_hold_no_coordinate_that_is_not_a_number()
    {
        var drawings = Regex.Matches(Page(Some), "<svg.*?</svg>", RegexOptions.Singleline);
        Assert.Equal(2 + 5, drawings.Count); // a diagram for each horizon, a panel for each asset
        foreach (Match drawing in drawings)
        {
            System.Xml.Linq.XElement.Parse(drawing.Value);
            Assert.DoesNotContain("NaN", drawing.Value);
            Assert.DoesNotContain("∞", drawing.Value);
        }
    }

    [Fact]
    public void The_first_sentences_say_what_was_caught_and_what_the_scores_mean()
    {
        var page = Page(Some);
        var lead = Regex.Match(page, "<p class=\"lead\">(.*?)</p>").Groups[1].Value;
        Assert.Contains("3 of 3 incidents were predicted up to 6h ahead without a false alarm", lead);
        Assert.Contains("the median lead is 6\u00a0h", System.Net.WebUtility.HtmlDecode(lead));
        Assert.Contains("are better than the base rate (Brier skill 0.", lead);
        Assert.Contains("had the prior alone for an answer", lead);
        Assert.Contains("No row was answered", FailureReportHtml.Write(Backtested([("a", 5)], rows: 1).Result.Report));
    }

    [Fact]
    public void The_base_rate_stands_beside_the_scores_with_skill_0_and_its_own_log_loss()
    {
        var (result, _) = Backtested(Some);
        var horizon = result.Report.Horizons[1];
        var rate = horizon.BaseRate!.Value;
        var entropy = -rate * Math.Log(rate) - (1 - rate) * Math.Log(1 - rate);
        Assert.Equal(entropy, horizon.BaseRateLogLoss!.Value, 12);
        var row = Regex.Matches(FailureReportHtml.Write(result.Report), "<tr class=\"soft\"><td><td class=\"left\">base rate<td>.*")[1].Value.Split("<td>");
        Assert.Equal("0", row[4]);
        Assert.Equal(entropy.ToString("0.000", CultureInfo.InvariantCulture), row[7]);
    }

    [Fact]
    public void Failing_assets_are_drawn_first_and_no_more_than_two_dozen()
    {
        var page = Page([.. Enumerable.Range(0, 30).Select(i => ($"n{i:00}", i >= 28 ? (int?)30 : null))]);
        var names = Regex.Matches(page, "<h3>(n\\d\\d) ").Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(["n28", "n29", .. Enumerable.Range(0, 22).Select(i => $"n{i:00}")], names);
        Assert.Contains("24 of 30 assets", page);
    }

    [Fact]
    public void A_peak_of_one_row_among_ten_thousand_is_drawn()
    {
        var page = Page([("long", 9990)], 10_000, (i, _) => i == 4321 ? 1 : 0.01);
        var panel = Regex.Matches(page, "<svg.*?</svg>").Select(m => m.Value).Last();
        var lines = string.Concat(Regex.Matches(panel, "<path class=\"(?:model|prior)\".*?/>").Select(m => m.Value));
        var points = Regex.Matches(lines, "[ML]([\\d.]+) ([\\d.]+)").Select(m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)).ToArray();
        Assert.InRange(points.Length, 150, 260);
        Assert.Single(points, y => y < 10); // the top of the panel is at 4
    }

    [Fact]
    public void Rows_of_the_prior_are_drawn_apart_from_those_of_a_model()
    {
        var panel = Regex.Matches(Page([("a", 30), ("b", null)]), "<svg.*?</svg>").Select(m => m.Value).Last();
        Assert.Single(Regex.Matches(panel, "<path class=\"prior\""));
        Assert.Single(Regex.Matches(panel, "<path class=\"model\""));
        Assert.DoesNotContain("class=\"incident\"", panel);
    }

    [Fact]
    public void A_budget_that_an_alarm_always_on_keeps_says_nothing()
    {
        var (result, _) = Backtested(Some);
        var vacuous = result.Report with
        {
            Horizons = [.. result.Report.Horizons.Select(h => h with { Alarms = [.. h.Alarms.Select(a => a with { Vacuous = true })] })],
        };
        var page = FailureReportHtml.Write(vacuous);
        Assert.Equal(2, Regex.Count(page, "<td>says nothing<td>"));
        Assert.Contains("alarm counts say nothing", page);
        Assert.DoesNotContain("were predicted", page);
    }

    [Fact]
    public void One_outcome_alone_leaves_dashes_and_no_failure()
    {
        var page = Page([("a", null), ("b", null)]);
        Assert.Contains("All rows had the same outcome", page);
        Assert.Contains("no incident that could have been predicted", page);
    }

    [Theory]
    [InlineData(0.12345, "0.123")]
    [InlineData(-0.5, "−0.500")]
    [InlineData(0.00042, "0.00042")]
    [InlineData(0.0, "0")]
    [InlineData(double.NaN, "–")]
    public void Numbers_are_rounded_to_what_can_be_read(double value, string expected) => Assert.Equal(expected, PageText.Number(value));

    [Theory]
    [InlineData(0.99999, "> 99.9 %")]
    [InlineData(1.0, "100 %")]
    [InlineData(0.1234, "12.3 %")]
    [InlineData(0.00123, "0.12 %")]
    public void What_is_not_quite_sure_does_not_become_it(double share, string expected) => Assert.Equal(expected, PageText.Percent(share));

    [Theory]
    [InlineData(8, "8\u00a0s")]
    [InlineData(600, "10\u00a0min")]
    [InlineData(5400 * 2, "3\u00a0h")]
    [InlineData(86400 * 30, "30\u00a0d")]
    public void Spans_are_in_the_unit_people_use(double seconds, string expected) => Assert.Equal(expected, PageText.Span(seconds));
}
