using CsCheck;
using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Server.Ingest.Rekeying;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Tests.Ingest.Rekeying;

public sealed class PartitionMergeTests
{
    private readonly FakeTimeProvider _time = new(LiveFleets.Start);

    private static SourcePartition Partition(int number) => new("raw", number);

    private static KeyedMessage Message(int partition, long ticks, long offset = 0) => new(Partition(partition), offset, ticks, []);

    private PartitionMerge Merge(int partitions, int most = 1000)
    {
        var merge = new PartitionMerge(TimeSpan.FromSeconds(3), most, _time);
        for (var p = 0; p < partitions; p++) merge.Assign(Partition(p));
        return merge;
    }

    [Fact]
    public void Whatever_chunks_partitions_come_in_their_messages_leave_in_order_of_time() =>
        Gen.Select(Gen.Long[0, 100].Array[0, 20].Array[1, 5], Gen.Int[0, 1 << 20]).Sample((lanes, seed) =>
        {
            var random = new Random(seed);
            var waiting = lanes.Select(l => new Queue<long>(l.Order())).ToArray();
            var merge = Merge(lanes.Length);
            for (var p = 0; p < lanes.Length; p++) merge.SetAtEnd(Partition(p), waiting[p].Count == 0);
            var taken = new List<long>();
            while (waiting.Any(w => w.Count > 0))
            {
                var p = random.Next(lanes.Length);
                for (var chunk = random.Next(1, 8); chunk > 0 && waiting[p].TryDequeue(out var ticks); chunk--) merge.Add(Message(p, ticks));
                merge.SetAtEnd(Partition(p), waiting[p].Count == 0);
                while (merge.TryTake() is { } message) taken.Add(message.Ticks);
            }
            Assert.Equal(lanes.SelectMany(l => l).Order(), taken);
        }, iter: 500);

    [Fact]
    public void A_partition_that_has_more_is_waited_for_but_not_for_ever()
    {
        var merge = Merge(2);
        merge.Add(Message(0, 7));
        Assert.Null(merge.TryTake());
        merge.Add(Message(1, 5));
        Assert.Equal(5, merge.TryTake()!.Ticks);
        Assert.Null(merge.TryTake());
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Null(merge.TryTake());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(7, merge.TryTake()!.Ticks);
        Assert.Null(merge.TryTake());

        // Once it has come, the next gap is waited for anew.
        merge.Add(Message(1, 8));
        merge.Add(Message(0, 9));
        Assert.Equal(8, merge.TryTake()!.Ticks);
        Assert.Null(merge.TryTake());
        merge.SetAtEnd(Partition(1), true);
        Assert.Equal(9, merge.TryTake()!.Ticks);
    }

    [Fact]
    public void When_too_many_wait_none_is_waited_for()
    {
        var merge = Merge(2, most: 3);
        for (var i = 0; i < 4; i++) merge.Add(Message(0, i));
        Assert.Equal([0, 1], [merge.TryTake()!.Ticks, merge.TryTake()!.Ticks]);
        Assert.Null(merge.TryTake());
        Assert.Equal(2, merge.Count);
    }

    [Fact]
    public void A_partition_that_was_given_away_holds_up_nothing_and_leaves_nothing()
    {
        var merge = Merge(3);
        merge.Add(Message(0, 1));
        merge.Add(Message(1, 0));
        Assert.Equal([Partition(2)], merge.Empty);
        merge.Revoke(Partition(1));
        merge.Revoke(Partition(2));
        merge.Add(Message(2, 0));
        Assert.Equal(1, merge.TryTake()!.Ticks);
        Assert.Equal(0, merge.Count);
    }
}
