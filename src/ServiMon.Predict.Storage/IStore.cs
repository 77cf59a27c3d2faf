namespace ServiMon.Predict.Storage;

/// <summary>All stores of one place, opened together. Safe to use from several threads.</summary>
public interface IStore : IDisposable
{
    /// <summary>Where it is, for messages: a folder, or the servers and the keyspace.</summary>
    string Place { get; }

    IHistoryStore History { get; }

    IIncidentStore Incidents { get; }

    IModelRegistry Models { get; }

    ILogStore Log { get; }
}
