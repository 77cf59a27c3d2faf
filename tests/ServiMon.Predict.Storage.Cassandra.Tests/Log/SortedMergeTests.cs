namespace ServiMon.Predict.Storage.Cassandra.Log;

public sealed class SortedMergeTests
{
    [Fact]
    public async Task Sorted_streams_become_one_and_are_closed()
    {
        var closed = 0;
        int[][] parts = [[1, 4, 9], [], [2, 4, 5, 6], [0]];
        var merged = new List<int>();
        await foreach (var value in SortedMerge.MergeAsync([.. parts.Select(Stream)], (a, b) => a.CompareTo(b))) merged.Add(value);
        Assert.Equal([0, 1, 2, 4, 4, 5, 6, 9], merged);
        Assert.Equal(4, closed);

        await foreach (var _ in SortedMerge.MergeAsync([.. parts.Select(Stream)], (a, b) => a.CompareTo(b))) break;
        Assert.Equal(8, closed);

        async IAsyncEnumerable<int> Stream(int[] part)
        {
            try
            {
                foreach (var value in part)
                {
                    await Task.Yield();
                    yield return value;
                }
            }
            finally
            {
                Interlocked.Increment(ref closed);
            }
        }
    }

    /// <summary>Test vectors of FNV-1a with 32 bits: rows lie where the hash says, so that it may never change.</summary>
    [Theory]
    [InlineData("", 0x811c9dc5)]
    [InlineData("a", 0xe40c292c)]
    [InlineData("foobar", 0xbf9cf968)]
    public void The_hash_of_shards_is_FNV_1a(string name, uint hash) => Assert.Equal(hash, LogPartitions.Hash(name));
}
