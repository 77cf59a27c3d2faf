using System.Net.Sockets;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>Says what the driver's failures mean for whoever uses the store.</summary>
internal static class CqlFailure
{
    public static Exception Translate(string place, Exception e) => e switch
    {
        AuthenticationException => new InputException("cassandra.user", $"{place} refuses the user or the password: {e.Message}"),
        NoHostAvailableException none when none.Errors.Values.OfType<AuthenticationException>().FirstOrDefault() is { } refused => Translate(place, refused),
        NoHostAvailableException none => new StoreException(StoreFault.Unavailable, $"{place}: no server answers{Details(none)}", e),
        UnauthorizedException => new StoreException(StoreFault.ReadOnly, $"{place}: the user may not do this: {e.Message}", e),
        UnavailableException u => new StoreException(StoreFault.Unavailable, $"{place}: {u.AliveReplicas} of {u.RequiredReplicas} replicas that {Name(u.Consistency)} needs are up", e),
        QueryTimeoutException t => new StoreException(StoreFault.Unavailable, $"{place}: only {t.ReceivedAcknowledgements} of {t.RequiredAcknowledgements} replicas answered in time at {Name(t.ConsistencyLevel)}", e),
        OperationTimedOutException => new StoreException(StoreFault.Unavailable, $"{place}: no answer in time: {e.Message}", e),
        DriverException or SocketException or IOException => new StoreException(StoreFault.Unavailable, $"{place}: {e.Message}", e),
        _ => e,
    };

    /// <summary>The name of a level as CQL writes it: LOCAL_QUORUM.</summary>
    private static string Name(ConsistencyLevel level) =>
        string.Concat(level.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));

    private static string Details(NoHostAvailableException e) =>
        e.Errors.Count == 0 ? "" : $" ({string.Join("; ", e.Errors.Take(3).Select(error => $"{error.Key}: {error.Value.Message}"))})";
}
