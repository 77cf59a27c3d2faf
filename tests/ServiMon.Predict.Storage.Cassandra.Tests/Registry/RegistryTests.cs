namespace ServiMon.Predict.Storage.Cassandra.Registry;

/// <summary>Bundles in pieces, and promotions at once.</summary>
public sealed class RegistryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_of_several_pieces_is_put_together_and_a_damaged_one_is_refused()
    {
        using var open = new OpenStore();
        var bundle = new byte[1_300_000];
        new Random(5).NextBytes(bundle);
        var model = await open.Store.Models.AddAsync("host", bundle, "{}", Ct);
        Assert.Equal(bundle, await open.Store.Models.ReadBundleAsync(model.Id, Ct));
        open.Cql("UPDATE bundle_chunk SET body = 0x00 WHERE sha256 = ? AND number = 1", model.Sha256);
        Assert.Equal(StoreFault.Damaged, (await Assert.ThrowsAsync<StoreException>(() => open.Store.Models.ReadBundleAsync(model.Id, Ct))).Fault);
        open.Cql("DELETE FROM bundle_chunk WHERE sha256 = ? AND number = 2", model.Sha256);
        Assert.Contains("piece 2 of 3", (await Assert.ThrowsAsync<StoreException>(() => open.Store.Models.ReadBundleAsync(model.Id, Ct))).Message);
    }

    [Fact]
    public async Task Of_several_that_promote_at_once_each_change_is_kept_and_one_model_is_champion()
    {
        using var open = new OpenStore();
        var models = new List<ModelRecord>();
        for (byte i = 0; i < 4; i++) models.Add(await open.Store.Models.AddAsync("host", new[] { i }, "{}", Ct));
        await Task.WhenAll(models.Select(m => open.Store.Models.PromoteAsync(m.Id, "ann", Ct)));

        var changes = await open.Store.Models.ListChampionsAsync("host", Ct);
        Assert.Equal(models.Select(m => m.Id).Order(), changes.Select(c => c.ModelId).Order());
        Assert.Equal(changes[^1].ModelId, Assert.Single(await open.Store.Models.ListAsync("host", Ct), m => m.State == ModelState.Champion).Id);
    }
}
