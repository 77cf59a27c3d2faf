namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>Puts sorted streams together into one.</summary>
internal static class SortedMerge
{
    /// <summary>Every stream is started before the first is waited for.</summary>
    public static async IAsyncEnumerable<T> MergeAsync<T>(IReadOnlyList<IAsyncEnumerable<T>> streams, Comparison<T> compare)
    {
        var heads = new PriorityQueue<IAsyncEnumerator<T>, T>(Comparer<T>.Create(compare));
        var open = streams.Select(s => s.GetAsyncEnumerator()).ToList();
        try
        {
            var first = open.Select(e => e.MoveNextAsync().AsTask()).ToArray();
            await Task.WhenAll(first).ConfigureAwait(false);
            for (var i = 0; i < first.Length; i++)
                if (await first[i].ConfigureAwait(false)) heads.Enqueue(open[i], open[i].Current);
            while (heads.TryDequeue(out var head, out var value))
            {
                yield return value;
                if (await head.MoveNextAsync().ConfigureAwait(false)) heads.Enqueue(head, head.Current);
            }
        }
        finally
        {
            foreach (var stream in open) await stream.DisposeAsync().ConfigureAwait(false);
        }
    }
}
