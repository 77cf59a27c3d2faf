using System.Collections.Concurrent;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>
/// The numbers of a profile's metrics, which say where their values lie: number n is column v[n % 32] of part n / 32. Numbers are given
/// in the order of the first append, one by one, by light-weight transactions, so that two processes never give one number twice.
/// </summary>
internal sealed class MetricColumns(CqlSession session)
{
    /// <summary>Columns of one part.</summary>
    public const int Width = 32;

    private sealed record Numbering(List<string> Names, Dictionary<string, int> Numbers);

    private readonly ConcurrentDictionary<string, Numbering> _known = new(StringComparer.Ordinal);

    /// <summary>All metrics of a profile, by number.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string profile, CancellationToken ct)
    {
        var names = await session.ListAsync(Traffic.Registry, r => r.GetValue<string>(0), ct, "SELECT name FROM metric WHERE profile = ?", profile).ConfigureAwait(false);
        _known[profile] = new Numbering(names, names.Select((name, number) => (name, number)).ToDictionary(n => n.name, n => n.number, StringComparer.Ordinal));
        return names;
    }

    /// <summary>The numbers of some metrics; those that are new get the next ones.</summary>
    public async Task<int[]> NumbersAsync(string profile, IReadOnlyList<string> metrics, CancellationToken ct)
    {
        var numbers = Find(profile, metrics);
        if (!numbers.Contains(-1)) return numbers;
        await ListAsync(profile, ct).ConfigureAwait(false);
        foreach (var name in metrics.Distinct())
            while (!_known[profile].Numbers.ContainsKey(name))
            {
                var statement = await session.BindAsync(ct, "INSERT INTO metric (profile, number, name) VALUES (?, ?, ?) IF NOT EXISTS",
                    profile, _known[profile].Names.Count, name).ConfigureAwait(false);
                await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false);
                // Serial: a transaction that another process left half-done is finished, so that its number counts as given.
                await session.FindSerialAsync(Traffic.Registry, ct, "SELECT name FROM metric WHERE profile = ?", profile).ConfigureAwait(false);
                await ListAsync(profile, ct).ConfigureAwait(false);
            }
        return Find(profile, metrics);
    }

    private int[] Find(string profile, IReadOnlyList<string> metrics)
    {
        var known = _known.GetValueOrDefault(profile)?.Numbers;
        var numbers = new int[metrics.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = known is not null && known.TryGetValue(metrics[i], out var number) ? number : -1;
        return numbers;
    }
}
