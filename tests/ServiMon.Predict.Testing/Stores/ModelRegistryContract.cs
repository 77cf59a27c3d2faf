using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Testing.Stores;

/// <summary>What every model registry must do.</summary>
public abstract class ModelRegistryContract
{
    private const string Fleet = "kafka broker";

    /// <summary>The registry of this test, empty when the test starts, on the clock of <see cref="Advance"/>.</summary>
    protected abstract IModelRegistry Registry { get; }

    /// <summary>Moves the registry's clock forward.</summary>
    protected abstract void Advance(TimeSpan time);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bundle_is_added_once_and_read_back()
    {
        var model = await Add(1);
        Assert.Equal(ModelState.Candidate, model.State);
        Assert.Equal(3, model.Size);
        Assert.Equal("{\"n\":1}", model.SummaryJson);
        Assert.Equal($"{Fleet}-{model.Sha256[..12]}", model.Id);
        Advance(TimeSpan.FromHours(1));
        Assert.Equal(model, await Add(1));
        Assert.Equal([1, 2, 3], await Registry.ReadBundleAsync(model.Id, Ct));
        Assert.Equal(model, await Registry.FindAsync(model.Id, Ct));
        Assert.Null(await Registry.FindAsync("none", Ct));
        Assert.Equal("there is no such model in the registry", (await Assert.ThrowsAsync<InputException>(() => Registry.ReadBundleAsync("none", Ct))).Problems[0].What);
    }

    [Fact]
    public async Task Models_are_listed_newest_first()
    {
        var old = await Add(1);
        Advance(TimeSpan.FromHours(1));
        var young = await Add(2);
        var other = await Registry.AddAsync("host", new byte[] { 9 }, "{}", Ct);
        Assert.Equal([young, old], await Registry.ListAsync(Fleet, Ct));
        Assert.Equal([other], await Registry.ListAsync("host", Ct));
        Assert.Equal(3, (await Registry.ListAsync(null, Ct)).Count);
    }

    [Fact]
    public async Task Promotion_replaces_the_champion_and_rollback_goes_back_step_by_step()
    {
        var a = await Add(1);
        var b = await Add(2);
        var c = await Add(3);
        Assert.Null(await Registry.ChampionAsync(Fleet, Ct));
        await Assert.ThrowsAsync<InputException>(() => Registry.RollbackAsync(Fleet, "ann", Ct));
        foreach (var model in new[] { a, b, b, c }) Assert.Equal(ModelState.Champion, (await Registry.PromoteAsync(model.Id, "ann", Ct)).State);
        Assert.Equal(ModelState.Retired, (await Registry.FindAsync(b.Id, Ct))!.State);
        Assert.Equal(b.Id, (await Registry.RollbackAsync(Fleet, "bob", Ct)).Id);
        Assert.Equal(a.Id, (await Registry.RollbackAsync(Fleet, "bob", Ct)).Id);
        Assert.Equal(a.Id, (await Registry.ChampionAsync(Fleet, Ct))!.Id);
        await Assert.ThrowsAsync<InputException>(() => Registry.RollbackAsync(Fleet, "bob", Ct));
        await Registry.PromoteAsync(c.Id, "ann", Ct);
        Assert.Equal(a.Id, (await Registry.RollbackAsync(Fleet, "bob", Ct)).Id);
        Assert.Equal(1, (await Registry.ListAsync(Fleet, Ct)).Count(m => m.State == ModelState.Champion));
        Assert.Equal(
            [(a.Id, "ann", ChampionAction.Promote), (b.Id, "ann", ChampionAction.Promote), (c.Id, "ann", ChampionAction.Promote), (b.Id, "bob", ChampionAction.Rollback),
             (a.Id, "bob", ChampionAction.Rollback), (c.Id, "ann", ChampionAction.Promote), (a.Id, "bob", ChampionAction.Rollback)],
            (await Registry.ListChampionsAsync(Fleet, Ct)).Select(h => (h.ModelId, h.Actor, h.Action)));
    }

    [Fact]
    public async Task Champions_of_profiles_are_independent()
    {
        var a = await Add(1);
        var other = await Registry.AddAsync("host", new byte[] { 9 }, "{}", Ct);
        await Registry.PromoteAsync(a.Id, "ann", Ct);
        await Registry.PromoteAsync(other.Id, "ann", Ct);
        Assert.Equal(a.Id, (await Registry.ChampionAsync(Fleet, Ct))!.Id);
        await Assert.ThrowsAsync<InputException>(() => Registry.RollbackAsync("host", "ann", Ct));
    }

    [Fact]
    public async Task Other_states_are_set_by_hand_but_never_the_champion()
    {
        var model = await Add(1);
        Assert.Equal(ModelState.Challenger, (await Registry.MarkAsync(model.Id, ModelState.Challenger, Ct)).State);
        Assert.Equal(ModelState.Challenger, (await Registry.FindAsync(model.Id, Ct))!.State);
        await Assert.ThrowsAsync<ArgumentException>(() => Registry.MarkAsync(model.Id, ModelState.Champion, Ct));
        await Registry.PromoteAsync(model.Id, "ann", Ct);
        await Assert.ThrowsAsync<InputException>(() => Registry.MarkAsync(model.Id, ModelState.Retired, Ct));
        await Assert.ThrowsAsync<InputException>(() => Registry.MarkAsync("none", ModelState.Retired, Ct));
        await Assert.ThrowsAsync<InputException>(() => Registry.PromoteAsync("none", "ann", Ct));
    }

    [Fact]
    public async Task A_model_that_is_deleted_is_gone_with_its_bundle_and_can_be_added_again()
    {
        var (kept, gone) = (await Add(1), await Add(2));
        Assert.True(await Registry.DeleteAsync(gone.Id, Ct));
        Assert.False(await Registry.DeleteAsync(gone.Id, Ct));
        Assert.False(await Registry.DeleteAsync("none", Ct));
        Assert.Equal([kept], await Registry.ListAsync(Fleet, Ct));
        await Assert.ThrowsAsync<InputException>(() => Registry.ReadBundleAsync(gone.Id, Ct));
        await Assert.ThrowsAsync<InputException>(() => Registry.PromoteAsync(gone.Id, "ann", Ct));
        Assert.Null(await Registry.FindAsync(gone.Id, Ct));
        Assert.Equal(gone.Id, (await Add(2)).Id);
        Assert.Equal([2, 2, 3], await Registry.ReadBundleAsync(gone.Id, Ct));
    }

    [Fact]
    public async Task What_scores_is_not_deleted()
    {
        var (champion, challenger) = (await Add(1), await Add(2));
        await Registry.PromoteAsync(champion.Id, "ann", Ct);
        await Registry.MarkAsync(challenger.Id, ModelState.Challenger, Ct);
        foreach (var (model, what) in new[] { (champion, "champion"), (challenger, "challenger") })
        {
            var refused = await Assert.ThrowsAsync<InputException>(() => Registry.DeleteAsync(model.Id, Ct));
            Assert.Equal($"is the {what} of its profile and cannot be removed", refused.Problems[0].What);
            Assert.Equal(3, (await Registry.ReadBundleAsync(model.Id, Ct)).Length);
        }
    }

    [Fact]
    public async Task A_rollback_passes_over_models_that_were_deleted()
    {
        ModelRecord[] models = [await Add(1), await Add(2), await Add(3), await Add(4)];
        foreach (var model in models) await Registry.PromoteAsync(model.Id, "ann", Ct);
        await Registry.DeleteAsync(models[2].Id, Ct);
        await Registry.DeleteAsync(models[0].Id, Ct);
        Assert.Equal(models[1].Id, (await Registry.RollbackAsync(Fleet, "bob", Ct)).Id);
        Assert.Equal("has no champion before the present one to go back to",
            (await Assert.ThrowsAsync<InputException>(() => Registry.RollbackAsync(Fleet, "bob", Ct))).Problems[0].What);
        Assert.Equal(5, (await Registry.ListChampionsAsync(Fleet, Ct)).Count);
    }

    [Fact]
    public async Task A_lease_is_held_by_one_owner_until_it_expires_or_is_released()
    {
        var lease = await Registry.TryLeaseAsync(Fleet, "ann", TimeSpan.FromMinutes(5), Ct);
        Assert.Equal("ann", lease!.Owner);
        Assert.Null(await Registry.TryLeaseAsync(Fleet, "bob", TimeSpan.FromMinutes(5), Ct));
        Assert.NotNull(await Registry.TryLeaseAsync("host", "bob", TimeSpan.FromMinutes(5), Ct));
        Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(lease.Expires + TimeSpan.FromMinutes(4), (await Registry.TryLeaseAsync(Fleet, "ann", TimeSpan.FromMinutes(5), Ct))!.Expires);
        Advance(TimeSpan.FromMinutes(4));
        Assert.Null(await Registry.TryLeaseAsync(Fleet, "bob", TimeSpan.FromMinutes(5), Ct));
        Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await Registry.FindLeaseAsync(Fleet, Ct));
        Assert.False(await Registry.ReleaseAsync(Fleet, "ann", Ct));
        Assert.Equal("bob", (await Registry.TryLeaseAsync(Fleet, "bob", TimeSpan.FromMinutes(5), Ct))!.Owner);
        Assert.False(await Registry.ReleaseAsync(Fleet, "ann", Ct));
        Assert.True(await Registry.ReleaseAsync(Fleet, "bob", Ct));
        Assert.NotNull(await Registry.TryLeaseAsync(Fleet, "ann", TimeSpan.FromMinutes(5), Ct));
    }

    [Fact]
    public async Task A_profile_without_a_name_has_nothing()
    {
        Assert.Null(await Registry.FindLeaseAsync("", Ct));
        Assert.Null(await Registry.ChampionAsync("", Ct));
        Assert.Null(await Registry.FindAsync("", Ct));
        Assert.Empty(await Registry.ListAsync("", Ct));
    }

    [Fact]
    public async Task Of_many_that_ask_at_once_one_gets_the_lease()
    {
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Registry.TryLeaseAsync(Fleet, $"worker-{i}", TimeSpan.FromMinutes(1), Ct)));
        Assert.Single(leases, l => l is not null);
    }

    protected Task<ModelRecord> Add(byte number) => Registry.AddAsync(Fleet, new byte[] { number, 2, 3 }, $"{{\"n\":{number}}}", Ct);
}
