using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Testing.Stores;

namespace ServiMon.Predict.Storage.Tests.Embedded;

public sealed class EmbeddedHistoryTests : HistoryStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IHistoryStore Store => _open.Store.History;

    public void Dispose() => _open.Dispose();
}

public sealed class EmbeddedIncidentTests : IncidentStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IIncidentStore Store => _open.Store.Incidents;

    public void Dispose() => _open.Dispose();
}

public sealed class EmbeddedModelTests : ModelRegistryContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override IModelRegistry Registry => _open.Store.Models;

    protected override void Advance(TimeSpan time) => _open.Clock.Now += time;

    public void Dispose() => _open.Dispose();
}

public sealed class EmbeddedLogTests : LogStoreContract, IDisposable
{
    private readonly OpenStore _open = new();

    protected override ILogStore Log => _open.Store.Log;

    public void Dispose() => _open.Dispose();
}

/// <summary>An empty store in a folder of its own, on a clock that stands still.</summary>
internal sealed class OpenStore : IDisposable
{
    public TemporaryFolder Folder { get; } = new();

    public SetClock Clock { get; } = new();

    public EmbeddedStore Store { get; }

    public OpenStore(EmbeddedStoreOptions? options = null) => Store = EmbeddedStore.Open(Folder.Path("store"), options, Clock);

    public void Dispose()
    {
        Store.Dispose();
        Folder.Dispose();
    }
}

internal sealed class SetClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
