using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class FailureRuleStateTests
{
    private static long?[] Fired(FailureRule rule, int metric, params double[] values)
    {
        var state = new FailureRuleState(rule, metric);
        return [.. values.Select((v, i) =>
        {
            state.Observe(i, [0, v]);
            return state.Fired;
        })];
    }

    private static FailureRule Rule(string comparison, double value, int ticks = 0) => new("down", "x", comparison, value, TimeSpan.FromTicks(ticks));

    [Theory]
    [InlineData("<", 1, 1.5, 1, 0.5)]
    [InlineData("<=", 1, 1.5, 1.1, 1)]
    [InlineData(">", 1, 0.5, 1, 1.5)]
    [InlineData(">=", 1, 0.5, 0.9, 1)]
    [InlineData("==", 1, 0.5, 1.5, 1)]
    [InlineData("missing", 0, 0, -1, double.NaN)]
    public void A_condition_holds_for_the_third_value_alone(string comparison, double value, double no, double neither, double yes) =>
        Assert.Equal([null, null, 2L], Fired(Rule(comparison, value), 1, no, neither, yes));

    [Fact]
    public void It_fires_when_it_has_held_long_enough_and_tells_since_when() =>
        Assert.Equal([null, null, null, 1L, 1L, null, null, null, 6L], Fired(Rule("<", 1, 2), 1, 5, 0, 0, 0, 0, 5, 0, 0, 0));

    [Fact]
    public void A_missing_value_ends_a_comparison() =>
        Assert.Equal([null, null, null, null, 2L + 1], Fired(Rule("<", 1, 1), 1, 5, 0, double.NaN, 0, 0));

    [Fact]
    public void A_metric_that_the_profile_lacks_is_always_missing()
    {
        Assert.Equal([0L, 0L], Fired(Rule("missing", 0), -1, 1, 1));
        Assert.Equal([null, null], Fired(Rule(">", 0), -1, 1, 1));
    }
}
