using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Registry;

/// <summary>
/// Leases by light-weight transactions: of several that ask at once one gets it. Expiry is by the clocks of those who ask, so leases
/// should last much longer than clocks differ.
/// </summary>
internal sealed class Leases(CqlSession session, TimeProvider time)
{
    /// <summary>Attempts against others before giving up for this call: each that fails means that somebody else got ahead.</summary>
    private const int Attempts = 10;

    public async Task<Lease?> TryTakeAsync(string profile, string owner, TimeSpan duration, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var held = await ReadAsync(profile, ct).ConfigureAwait(false);
            var now = time.GetUtcNow();
            if (held is not null && held.Owner != owner && held.Expires > now) return null;
            var wanted = new Lease(profile, owner, now + duration);
            var statement = held is null
                ? await session.BindAsync(ct, "INSERT INTO lease (profile, owner, expires) VALUES (?, ?, ?) IF NOT EXISTS", profile, owner, wanted.Expires.UtcTicks).ConfigureAwait(false)
                : await session.BindAsync(ct, "UPDATE lease SET owner = ?, expires = ? WHERE profile = ? IF owner = ? AND expires = ?",
                    owner, wanted.Expires.UtcTicks, profile, held.Owner, held.Expires.UtcTicks).ConfigureAwait(false);
            if (await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false) == true) return wanted;
            if (await ReadAsync(profile, ct).ConfigureAwait(false) == wanted) return wanted;
        }
        throw new StoreException(StoreFault.Locked, $"{session.Options.Place}: the lease of '{profile}' is fought over; try again later");
    }

    public async Task<bool> ReleaseAsync(string profile, string owner, CancellationToken ct)
    {
        if ((await FindAsync(profile, ct).ConfigureAwait(false))?.Owner != owner) return false;
        var statement = await session.BindAsync(ct, "DELETE FROM lease WHERE profile = ? IF owner = ?", profile, owner).ConfigureAwait(false);
        return await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false)
            ?? (await FindAsync(profile, ct).ConfigureAwait(false))?.Owner != owner;
    }

    public async Task<Lease?> FindAsync(string profile, CancellationToken ct) =>
        await ReadAsync(profile, ct).ConfigureAwait(false) is { } lease && lease.Expires > time.GetUtcNow() ? lease : null;

    private async Task<Lease?> ReadAsync(string profile, CancellationToken ct) =>
        await session.FindSerialAsync(Traffic.Registry, ct, "SELECT owner, expires FROM lease WHERE profile = ?", profile).ConfigureAwait(false) is { } row
            ? new Lease(profile, row.GetValue<string>(0), new DateTimeOffset(row.GetValue<long>(1), TimeSpan.Zero)) : null;
}
