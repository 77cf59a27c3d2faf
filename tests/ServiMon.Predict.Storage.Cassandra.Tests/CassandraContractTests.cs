using ServiMon.Predict.Testing.Stores;

namespace ServiMon.Predict.Storage.Cassandra;

public sealed class CassandraHistoryTests : HistoryStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IHistoryStore Store => _open.Store.History;

    public void Dispose() => _open.Dispose();
}

/// <summary>Few rows a page and a mutation, and short buckets: everything is pieced together.</summary>
public sealed class CassandraHistoryInPiecesTests : HistoryStoreContract, IDisposable
{
    private readonly OpenStore _open = new(o => o with { PageRows = 100, BatchRows = 10, ReadsAhead = 1, RequestsAtOnce = 2, HistoryBucket = TimeSpan.FromMinutes(10) });

    protected override IHistoryStore Store => _open.Store.History;

    public void Dispose() => _open.Dispose();
}

public sealed class CassandraIncidentTests : IncidentStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IIncidentStore Store => _open.Store.Incidents;

    public void Dispose() => _open.Dispose();
}

public sealed class CassandraModelTests : ModelRegistryContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IModelRegistry Registry => _open.Store.Models;

    protected override void Advance(TimeSpan time) => _open.Clock.Now += time;

    public void Dispose() => _open.Dispose();
}

public sealed class CassandraLogTests : LogStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override ILogStore Log => _open.Store.Log;

    public void Dispose() => _open.Dispose();
}
