namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>Pieces of state that do not fit in a row.</summary>
public sealed class StateTableTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Large_pieces_of_state_come_back_and_leave_no_chunks_behind()
    {
        using var open = new OpenStore();
        for (byte round = 1; round <= 4; round++)
            await open.Store.Log.PutStatesAsync("live", [new StateSnapshot("big", Enumerable.Repeat(round, 1_200_000).ToArray()), new StateSnapshot("small", new[] { round })], Ct);
        Assert.Equal(Enumerable.Repeat((byte)4, 1_200_000), (await open.Store.Log.FindStateAsync("live", "big", Ct))!.Body.ToArray());
        Assert.Equal(6, open.Cql("SELECT number FROM state_chunk").Count);
        Assert.Equal(2, await open.Store.Log.DeleteStatesAsync("live", null, Ct));
        Assert.Empty(open.Cql("SELECT number FROM state_chunk"));
    }
}
