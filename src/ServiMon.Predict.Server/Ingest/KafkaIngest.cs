using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>
/// Reads topics into a <see cref="LiveFleet"/> on one thread, and saves state and offsets together. Partitions that are assigned start at
/// the saved offset with the saved assets; before one is given away it is saved.
/// </summary>
internal sealed class KafkaIngest : IDisposable
{
    /// <summary>How long one poll waits: the pace at which commands, saves and stops are looked at when nothing comes.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    /// <summary>Messages, or samples if it takes fewer, taken one after the other before commands, saves and stops are looked at, and the clock is read.</summary>
    private const int Burst = 256;

    private readonly KafkaOptions _options;
    private readonly LiveFleet _fleet;
    private readonly StateSaver _saver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LineLimit _lines;
    private readonly DeadLetters? _deadLetters;
    private readonly IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> _consumer;
    private readonly Dictionary<string, MessageReader> _readers;
    private readonly Dictionary<SourcePartition, long> _next = [];
    private readonly System.Collections.Concurrent.ConcurrentQueue<LiveProfile> _changes = new();
    private CancellationToken _stop;
    private bool _saidNoBroker;
    private SourcePartition _last;
    private MessageReader? _lastReader;
    private long _swept;

    public KafkaIngest(
        KafkaOptions options, IngestBounds bounds, LiveFleet fleet, ScoringStates states, IngestStatus status, TimeProvider time, ILogger logger)
    {
        _options = options;
        _fleet = fleet;
        _time = time;
        _logger = logger;
        Status = status;
        _lines = new LineLimit(time, TimeSpan.FromMinutes(1));
        _deadLetters = options.DeadLetterTopic.Length == 0 ? null : new DeadLetters(options, Status, _lines, logger);
        _saver = new StateSaver(fleet, states, _next, Status, time, logger);
        _readers = options.Scored.ToDictionary(t => t.Topic, t => new MessageReader(t, fleet, bounds, time, Scattered));
        _consumer = Build();
    }

    public IngestStatus Status { get; }

    /// <summary>Scores a profile's assets so from the next message on. From any thread.</summary>
    public void Use(LiveProfile profile) => _changes.Enqueue(profile);

    /// <summary>Reads until stopped; then saves, gives the partitions back and returns.</summary>
    public Task RunAsync(CancellationToken stop) => Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        _consumer.Dispose();
        _deadLetters?.Dispose();
    }

    private void Run(CancellationToken stop)
    {
        _stop = stop;
        _consumer.Subscribe(_readers.Keys);
        while (!stop.IsCancellationRequested)
        {
            while (_changes.TryDequeue(out var profile)) Change(profile);
            if (_saver.MustWait)
            {
                _saver.SaveNow(FlushDeadLetters, _options.DrainFor, stop);
                continue;
            }
            try
            {
                TakeBurst();
            }
            catch (ConsumeException e)
            {
                if (_lines.TryWrite(e.Error.Code.ToString(), out var suppressed)) _logger.Trouble(e.Error.Reason, suppressed);
            }
            _saver.SaveIfDue(_options.SaveEvery, FlushDeadLetters, StoreOffsets);
            if (_time.GetElapsedTime(_swept) > SweepEvery) Sweep();
        }
        // Gives the partitions back, and with that saves.
        _consumer.Close();
    }

    private void TakeBurst()
    {
        if (_consumer.Consume(Poll) is not { } result) return;
        if (!Status.IsConnected) Connected();
        var now = _time.GetUtcNow();
        for (int messages = 0, samples = 0; result is not null; result = ++messages < Burst && samples < Burst ? _consumer.Consume(TimeSpan.Zero) : null)
        {
            Take(result, now);
            samples += _lastReader!.SampleCount;
        }
    }

    private void Take(ConsumeResult<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> result, DateTimeOffset now)
    {
        if (result.Partition.Value != _last.Partition || result.Topic != _last.Topic)
        {
            _last = new SourcePartition(result.Topic, result.Partition.Value);
            _lastReader = _readers[result.Topic];
        }
        var (source, reader) = (_last, _lastReader!);
        var offset = result.Offset.Value;
        ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_next, source, out var isKnown);
        if (isKnown && offset != next) Jumped(source, next, offset);
        next = offset;
        var value = result.Message.Value;
        var fault = reader.Take(source, value.Span, now);
        Status.CountMessage(fault);
        if (fault != MessageFault.None)
        {
            _deadLetters?.Put(source, offset, reader.Format, fault, result.Message.Key.IsEmpty ? null : result.Message.Key.ToArray(), value.ToArray());
            if (_lines.TryWrite($"{result.Topic} {fault}", out var suppressed))
                _logger.Malformed(result.Topic, source.Partition, offset, reader.Format, fault.Text(), suppressed);
        }
        else Status.Delayed(now - new DateTimeOffset(reader.NewestTicks, TimeSpan.Zero));
        next = offset + 1;
    }

    /// <summary>
    /// Messages are missing where the brokers had removed them before they were read. A topic that was made anew, or lost its end, begins again: what
    /// of it counted before is late or a duplicate by its own time.
    /// </summary>
    private void Jumped(SourcePartition source, long next, long offset)
    {
        if (offset < next) _logger.BeganAgain(source.Topic, source.Partition, offset, next);
        else if (_consumer.GetWatermarkOffsets(Partition(source)).Low.Value is var low && low > next)
        {
            Status.CountMissed(low - next);
            _logger.Missed(source.Topic, source.Partition, low - next, next);
        }
    }

    private void Scattered(LiveSlot slot, SourcePartition source)
    {
        Status.CountScattered();
        if (_lines.TryWrite("scattered", out var suppressed))
            _logger.Scattered(slot.Key.Asset, slot.Home.Topic, slot.Home.Partition, source.Topic, source.Partition, suppressed);
    }

    private void Change(LiveProfile profile)
    {
        IReadOnlyDictionary<string, List<Series.AssetRows>>? tails = null;
        // What was scored so far is history then, and the assets go on from it.
        if (_fleet.IsOtherEvidence(profile) && _saver.SaveNow(FlushDeadLetters, _options.DrainFor, _stop))
            tails = _saver.Tails(profile, [.. _fleet.Slots.Where(s => s.Key.Profile == profile.Name).Select(s => s.Key.Asset)], _stop);
        if (!_fleet.Use(profile, tails)) return;
        foreach (var reader in _readers.Values) reader.Forget();
    }

    private void Sweep()
    {
        _swept = _time.GetTimestamp();
        var retired = _fleet.Sweep(_options.RetireAfter, Status.IsConnected && Status.Lag.Count == _next.Count && Status.Lag.Values.All(l => l == 0));
        if (retired.Count > 0)
        {
            _saver.Forget(retired);
            foreach (var reader in _readers.Values) reader.Forget();
        }
        foreach (var (source, next) in _next)
        {
            var ends = _consumer.GetWatermarkOffsets(Partition(source));
            if (ends.High >= 0) Status.Lag[source] = Math.Max(0, ends.High - next);
        }
    }

    private IConsumer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Build()
    {
        var settings = new Dictionary<string, string>(_options.Settings)
        {
            ["bootstrap.servers"] = _options.Servers,
            ["group.id"] = _options.Group,
            ["statistics.interval.ms"] = "2000",
            ["partition.assignment.strategy"] = "cooperative-sticky",
            ["auto.offset.reset"] = _options.FromOldest ? "earliest" : "latest",
            ["enable.auto.offset.store"] = "false",
            ["enable.auto.commit"] = "true",
            ["allow.auto.create.topics"] = "false",
            // Headers and the broker's time are not asked for: each would be a call into librdkafka for every message.
            ["dotnet.consumer.consume.result.fields"] = "topic",
        };
        return new ConsumerBuilder<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(settings)
            .SetKeyDeserializer(new LentBytes())
            .SetValueDeserializer(new LentBytes())
            .SetErrorHandler((_, error) => Trouble(error))
            .SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((_, partitions) => Assign(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => GiveBack([.. partitions.Select(p => p.TopicPartition)], isLost: false))
            .SetPartitionsLostHandler((_, partitions) => GiveBack([.. partitions.Select(p => p.TopicPartition)], isLost: true))
            .SetStatisticsHandler((_, json) => SeeBrokers(json))
            .Build();
    }

    private IEnumerable<TopicPartitionOffset> Assign(List<TopicPartition> partitions)
    {
        var sources = partitions.Select(p => new SourcePartition(p.Topic, p.Partition.Value)).ToHashSet();
        var saved = _saver.Load(sources, _stop);
        foreach (var (source, next) in saved.Offsets) _next[source] = next;
        Connected();
        _logger.Assigned(partitions.Count, string.Join(", ", partitions.Select(p => $"{p.Topic}[{p.Partition.Value}]")));
        return partitions.Select(p => new TopicPartitionOffset(p,
            saved.Offsets.TryGetValue(new SourcePartition(p.Topic, p.Partition.Value), out var next) ? new Offset(next) : Offset.Unset));
    }

    private void GiveBack(List<TopicPartition> partitions, bool isLost)
    {
        var sources = partitions.Select(p => new SourcePartition(p.Topic, p.Partition.Value)).ToHashSet();
        // Whoever has a lost partition now has read on from what was saved: saving later state would undo theirs.
        if (!isLost && _saver.SaveNow(FlushDeadLetters, _options.DrainFor, CancellationToken.None)) StoreOffsets(_next.Where(n => sources.Contains(n.Key)).ToDictionary());
        foreach (var slot in _fleet.Slots.Where(s => sources.Contains(s.Home)).ToList()) _fleet.Remove(slot);
        foreach (var source in sources)
        {
            _next.Remove(source);
            Status.Lag.TryRemove(source, out _);
        }
    }

    private bool FlushDeadLetters() => _deadLetters?.Flush(TimeSpan.FromSeconds(10)) ?? true;

    /// <summary>Tells the group how far state is saved, for those who watch its lag; the service itself starts from its own offsets.</summary>
    private void StoreOffsets(IReadOnlyDictionary<SourcePartition, long> offsets)
    {
        foreach (var (source, next) in offsets)
            try
            {
                _consumer.StoreOffset(new TopicPartitionOffset(Partition(source), new Offset(next)));
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_State or ErrorCode.Local_UnknownPartition)
            {
                // Given away meanwhile.
            }
    }

    private void Trouble(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve)
        {
            if (error.Code == ErrorCode.Local_AllBrokersDown) Status.IsConnected = false;
            if (_saidNoBroker) return;
            _saidNoBroker = true;
            _logger.NoBroker(_options.Servers, error.Reason);
        }
        else if (_lines.TryWrite(error.Code.ToString(), out var suppressed)) _logger.Trouble(error.Reason, suppressed);
    }

    /// <summary>Where no messages come, only the statistics tell that the brokers went or are back.</summary>
    private void SeeBrokers(string statistics)
    {
        var isUp = BrokerStatistics.IsAnyUp(statistics);
        if (isUp == true && !Status.IsConnected && _consumer.Assignment.Count > 0) Connected();
        if (isUp == false && Status.IsConnected) Trouble(new Error(ErrorCode.Local_AllBrokersDown, "no connection to any broker is up"));
    }

    private void Connected()
    {
        Status.IsConnected = true;
        if (!_saidNoBroker) return;
        _saidNoBroker = false;
        _logger.Connected();
    }

    private static TopicPartition Partition(SourcePartition source) => new(source.Topic, new Partition(source.Partition));
}
