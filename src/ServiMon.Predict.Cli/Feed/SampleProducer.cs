using System.Text;
using Confluent.Kafka;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>Where a profile's rows are sent, and how.</summary>
/// <param name="Format">One of <see cref="FeedFormat.Names"/>.</param>
internal sealed record FeedTarget(string Topic, string Format);

/// <summary>Sends rows to Kafka, keyed by asset, so that the samples of an asset stay in order on one partition.</summary>
internal sealed class SampleProducer(IProducer<byte[]?, byte[]> producer, IReadOnlyDictionary<string, FeedTarget> targets)
{
    /// <summary>How long a full queue is left to empty itself before it is tried again.</summary>
    private static readonly TimeSpan WhenFull = TimeSpan.FromMilliseconds(100);

    private long _lost;

    /// <summary>Messages handed over so far.</summary>
    public long MessageCount { get; private set; }

    /// <summary>Messages that no broker has taken in time.</summary>
    public long LostCount => Volatile.Read(ref _lost);

    /// <summary>Why the first of them was not taken; empty when none was lost.</summary>
    public string FirstLoss { get; private set; } = "";

    /// <summary>Messages that were still under way when <see cref="Flush"/> gave up.</summary>
    public int LeftCount { get; private set; }

    /// <summary>Hands a step's rows over; waits while as much is under way as librdkafka holds.</summary>
    public void Send(FeedStep step, CancellationToken stop)
    {
        foreach (var row in step.Rows)
        {
            var key = Encoding.UTF8.GetBytes(row.Asset);
            var target = targets[row.Profile];
            foreach (var message in FeedFormat.Messages(target.Format, step.Time, row))
                if (message.Length > 0) Hand(target.Topic, key, message, stop);
        }
    }

    /// <summary>Waits until everything is delivered, given up, or the time is over.</summary>
    /// <returns>Messages still under way.</returns>
    public int Flush(TimeSpan most) => LeftCount = producer.Flush(most);

    private void Hand(string topic, byte[] key, byte[] value, CancellationToken stop)
    {
        while (true)
            try
            {
                producer.Produce(topic, new Message<byte[]?, byte[]> { Key = key, Value = value }, report =>
                {
                    if (report.Error.IsError && Interlocked.Increment(ref _lost) == 1) FirstLoss = report.Error.Reason;
                });
                MessageCount++;
                return;
            }
            catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                stop.ThrowIfCancellationRequested();
                producer.Flush(WhenFull);
            }
    }
}
