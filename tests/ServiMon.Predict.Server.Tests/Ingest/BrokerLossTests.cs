using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class BrokerLossTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Brokers_that_go_and_come_back_are_noticed_though_no_message_comes()
    {
        using var cluster = new MockCluster();
        using var store = EmbeddedStore.Open(_folder.Path);
        cluster.Produce("metrics", 0, LiveFleets.Json("a", "cpu", 0, 1));
        cluster.Flush();
        using var live = new LiveHarness(cluster, store, new TopicOptions("metrics", "prometheus-json"));
        await live.Until(() => live.Status.IsConnected && live.Status.Messages == 1, "read");

        cluster.SetDown(true);
        await live.Until(() => !live.Status.IsConnected, "noticed that the broker is gone");
        cluster.SetDown(false);
        await live.Until(() => live.Status.IsConnected, "noticed that the broker is back");
        Assert.Equal(1, live.Status.Messages);
    }

    public void Dispose() => _folder.Dispose();
}
