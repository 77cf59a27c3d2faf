using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

public sealed class NextHostRetryTests
{
    private readonly NextHostRetry _retry = new();

    [Theory]
    [InlineData(true, 0, true)]
    [InlineData(true, 1, true)]
    [InlineData(true, 2, false)]
    [InlineData(false, 0, false)]
    public void What_may_be_repeated_is_asked_of_two_more_servers(bool isIdempotent, int repetition, bool again)
    {
        var statement = new SimpleStatement("x").SetIdempotence(isIdempotent);
        RetryDecision[] decisions =
        [
            _retry.OnReadTimeout(statement, ConsistencyLevel.LocalOne, 1, 0, false, repetition),
            _retry.OnWriteTimeout(statement, ConsistencyLevel.LocalQuorum, "SIMPLE", 2, 1, repetition),
            _retry.OnRequestError(statement, null!, new IOException(), repetition),
        ];
        Assert.All(decisions, d => Assert.Equal(again ? RetryDecision.RetryDecisionType.Retry : RetryDecision.RetryDecisionType.Rethrow, d.DecisionType));
        Assert.All(decisions.Where(_ => again), d => Assert.False(d.UseCurrentHost));
    }

    [Fact]
    public void Replicas_that_are_down_are_looked_for_once_more_by_another_server()
    {
        var statement = new SimpleStatement("x").SetIdempotence(false);
        Assert.Equal(RetryDecision.RetryDecisionType.Retry, _retry.OnUnavailable(statement, ConsistencyLevel.LocalQuorum, 2, 1, 0).DecisionType);
        Assert.Equal(RetryDecision.RetryDecisionType.Rethrow, _retry.OnUnavailable(statement, ConsistencyLevel.LocalQuorum, 2, 1, 1).DecisionType);
    }
}
