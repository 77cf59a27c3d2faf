using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Ingest.Rekeying;

/// <summary>
/// Produces the samples of a topic without keys again, in batches of one asset each with the asset as key, in order of time. One instance of a group does it, whichever
/// holds the lease; so there is one order over all partitions.
/// </summary>
/// <remarks>
/// Offsets are committed once the brokers have what was made of the messages. After a crash the last of them are produced twice, which changes nothing: a
/// sample that a step has already is a duplicate, one whose step is closed is late.
/// </remarks>
internal sealed class RekeyRelay(
    KafkaOptions options, TopicOptions topic, IReadOnlyList<LiveProfile> profiles, IngestBounds bounds, IModelRegistry registry, IngestStatus ingest, RekeyStatus status,
    TimeProvider time, ILogger logger, string instance)
{
    /// <summary>How long messages are gathered before they are produced: what this adds to the age of a prediction.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a partition is waited for that has messages which have not come: several fetches.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How often the lease is asked for while another instance has it, and how long a failure is waited out.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5), Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long the brokers have to take one round, and to answer a question.</summary>
    private static readonly TimeSpan ProduceWithin = TimeSpan.FromSeconds(30), AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>Messages of one round, and messages that may wait for those of other partitions.</summary>
    private const int MostOfRound = 20_000, MostWaiting = 200_000;

    private readonly LineLimit _lines = new(time, TimeSpan.FromMinutes(1));

    public RekeyStatus Status => status;

    /// <summary>Works until stopped; what fails is tried again from what was committed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                try
                {
                    await using var lease = await HeldLease.TryTakeAsync(registry, $"rekey/{options.Group}/{topic.Topic}", instance, time, logger, stop).ConfigureAwait(false);
                    if (lease is not null)
                    {
                        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.Lost);
                        await Task.Factory.StartNew(() => Relay(ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
                    }
                    await Task.Delay(lease is null ? AskEvery : Pause, time, stop).ConfigureAwait(false);
                }
                catch (Exception e) when (e is KafkaException or StoreException)
                {
                    if (_lines.TryWrite("failed", out var suppressed)) logger.RekeyingFailed(topic.Topic, e.Message, suppressed);
                    await Task.Delay(Pause, time, stop).ConfigureAwait(false);
                }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void Relay(CancellationToken stop)
    {
        var merge = new PartitionMerge(Patience, MostWaiting, time);
        var next = new Dictionary<SourcePartition, long>();
        var reader = new KeyedReader(topic, profiles, bounds);
        using var deadLetters = options.DeadLetterTopic.Length == 0 ? null : new DeadLetters(options, ingest, _lines, logger);
        using var producer = new ProducerBuilder<byte[], byte[]>(Settings(("enable.idempotence", "true"), ("linger.ms", "5")))
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        using var consumer = new ConsumerBuilder<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(Settings(
                ("group.id", $"{options.Group}-rekey"), ("enable.auto.commit", "false"), ("auto.offset.reset", options.FromOldest ? "earliest" : "latest"),
                ("allow.auto.create.topics", "false"), ("dotnet.consumer.consume.result.fields", "topic")))
            .SetKeyDeserializer(new LentBytes()).SetValueDeserializer(new LentBytes())
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((c, partitions) => Assign(c, partitions, merge, next))
            .SetPartitionsRevokedHandler((_, partitions) => Revoke(partitions, merge, next))
            .SetPartitionsLostHandler((_, partitions) => Revoke(partitions, merge, next))
            .Build();
        consumer.Subscribe(topic.Topic);
        status.IsActive = true;
        logger.Rekeying(topic.Topic, topic.RekeyTo!);
        try
        {
            while (!stop.IsCancellationRequested) Round(consumer, producer, deadLetters, reader, merge, next);
        }
        finally
        {
            status.IsActive = false;
            consumer.Close();
        }
    }

    private void Round(
        IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> consumer, IProducer<byte[], byte[]> producer, DeadLetters? deadLetters, KeyedReader reader, PartitionMerge merge,
        Dictionary<SourcePartition, long> next)
    {
        var began = Stopwatch.GetTimestamp();
        for (var count = 0; count < MostOfRound && merge.Count < MostWaiting && Linger - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left; count++)
        {
            if (Next(consumer, left) is not { } result) break;
            var source = new SourcePartition(result.Topic, result.Partition.Value);
            next[source] = result.Offset.Value + 1;
            var value = result.Message.Value;
            var fault = reader.Read(source, result.Offset.Value, value.Span, time.GetUtcNow(), status.CountDropped, out var read);
            status.CountMessage(fault);
            merge.Add(read);
            if (fault != MessageFault.None) Malformed(deadLetters, read, reader.Format, fault, result.Message.Key, value);
        }
        foreach (var source in merge.Empty.ToList()) merge.SetAtEnd(source, IsAtEnd(consumer, source, next));
        if (Produce(producer, merge) is { Count: > 0 } done)
        {
            if (deadLetters?.Flush(ProduceWithin) == false) throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "malformed messages were not put aside in time"));
            consumer.Commit(done.Select(d => new TopicPartitionOffset(d.Key.Topic, new Partition(d.Key.Partition), d.Value)));
        }
        status.Lag = next.Sum(n => Math.Max(0, consumer.GetWatermarkOffsets(Partition(n.Key)).High.Value - n.Value)) + merge.Count;
    }

    /// <summary>Produces what is next in order, and waits until the brokers have it.</summary>
    /// <returns>By partition, the offset behind the last message of which nothing is left.</returns>
    private Dictionary<SourcePartition, long> Produce(IProducer<byte[], byte[]> producer, PartitionMerge merge)
    {
        var (batches, done, samples) = (new SampleBatches(bounds), new Dictionary<SourcePartition, long>(), 0L);
        for (var count = 0; count < MostOfRound && merge.TryTake() is { } message; count++)
        {
            foreach (var sample in message.Samples) batches.Add(sample.Asset, sample.Metric, sample.UnixNanos, sample.Value);
            samples += message.Samples.Count;
            done[message.Source] = message.Offset + 1;
        }
        Error? failed = null;
        foreach (var batch in batches.Messages())
            while (true)
                try
                {
                    producer.Produce(topic.RekeyTo, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(SampleBatches.PartitionKey(batch.Asset)), Value = batch.ToByteArray() },
                        report => failed = report.Error.IsError ? report.Error : failed);
                    break;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Flush(Linger);
                }
        if (samples > 0 && producer.Flush(ProduceWithin) > 0) failed ??= new Error(ErrorCode.Local_TimedOut, $"topic {topic.RekeyTo} did not take samples in time");
        if (failed is not null) throw new KafkaException(failed);
        status.CountSamples(samples);
        return done;
    }

    /// <summary>Null when none came, or the brokers have a trouble that passes.</summary>
    private ConsumeResult<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Next(IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> consumer, TimeSpan patience)
    {
        try
        {
            return consumer.Consume(patience);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            if (_lines.TryWrite(e.Error.Code.ToString(), out var suppressed)) logger.Trouble(e.Error.Reason, suppressed);
            return null;
        }
    }

    private void Malformed(DeadLetters? deadLetters, KeyedMessage message, string format, MessageFault fault, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        var (source, offset) = (message.Source, message.Offset);
        deadLetters?.Put(source, offset, format, fault, key.IsEmpty ? null : key.ToArray(), value.ToArray());
        if (_lines.TryWrite(fault.Text(), out var suppressed)) logger.Malformed(source.Topic, source.Partition, offset, format, fault.Text(), suppressed);
    }

    private static bool IsAtEnd(IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> consumer, SourcePartition source, Dictionary<SourcePartition, long> next)
    {
        var ends = consumer.GetWatermarkOffsets(Partition(source));
        return ends.High.Value >= 0 && next.TryGetValue(source, out var read) && read >= ends.High.Value;
    }

    /// <summary>Where each partition begins is settled here, so that it is known of each when it has been read to its end.</summary>
    private IEnumerable<TopicPartitionOffset> Assign(
        IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> consumer, List<TopicPartition> partitions, PartitionMerge merge, Dictionary<SourcePartition, long> next)
    {
        foreach (var committed in consumer.Committed(partitions, AnswerWithin))
        {
            var begin = committed.Offset.Value;
            if (begin < 0)
            {
                var ends = consumer.QueryWatermarkOffsets(committed.TopicPartition, AnswerWithin);
                begin = options.FromOldest ? ends.Low.Value : ends.High.Value;
            }
            var source = new SourcePartition(committed.Topic, committed.Partition.Value);
            merge.Assign(source);
            next[source] = begin;
            yield return new TopicPartitionOffset(committed.TopicPartition, new Offset(begin));
        }
    }

    private static void Revoke(List<TopicPartitionOffset> partitions, PartitionMerge merge, Dictionary<SourcePartition, long> next)
    {
        foreach (var partition in partitions.Select(p => new SourcePartition(p.Topic, p.Partition.Value)))
        {
            merge.Revoke(partition);
            next.Remove(partition);
        }
    }

    private Dictionary<string, string> Settings(params (string Key, string Value)[] own)
    {
        var settings = new Dictionary<string, string>(options.Settings) { ["bootstrap.servers"] = options.Servers };
        foreach (var (key, value) in own) settings[key] = value;
        return settings;
    }

    private static TopicPartition Partition(SourcePartition source) => new(source.Topic, new Partition(source.Partition));
}
