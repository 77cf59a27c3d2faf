using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>
/// Asks the next server when one cannot answer, a few times, for statements that may be repeated. Light-weight transactions may not:
/// whoever sends one reads what became of it.
/// </summary>
internal sealed class NextHostRetry : IExtendedRetryPolicy
{
    /// <summary>Repetitions after the first attempt: two more replicas at a replication factor of three.</summary>
    private const int Most = 2;

    public RetryDecision OnReadTimeout(IStatement query, ConsistencyLevel cl, int requiredResponses, int receivedResponses, bool dataRetrieved, int nbRetry) =>
        Decide(query, cl, nbRetry);

    public RetryDecision OnWriteTimeout(IStatement query, ConsistencyLevel cl, string writeType, int requiredAcks, int receivedAcks, int nbRetry) =>
        Decide(query, cl, nbRetry);

    public RetryDecision OnUnavailable(IStatement query, ConsistencyLevel cl, int requiredReplica, int aliveReplica, int nbRetry) =>
        nbRetry == 0 ? RetryDecision.Retry(cl, useCurrentHost: false) : RetryDecision.Rethrow();

    public RetryDecision OnRequestError(IStatement statement, Configuration config, Exception ex, int nbRetry) => Decide(statement, null, nbRetry);

    private static RetryDecision Decide(IStatement query, ConsistencyLevel? level, int repetition) =>
        query.IsIdempotent == true && repetition < Most ? RetryDecision.Retry(level, useCurrentHost: false) : RetryDecision.Rethrow();
}

/// <summary>Leaves the timestamps of writes to the servers: a client whose clock is ahead would otherwise win over every later write.</summary>
internal sealed class ServerTimestamps : ITimestampGenerator
{
    public long Next() => long.MinValue;
}
