using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>
/// Produces pushed samples to the service's own topic and answers once the brokers have them: so they are read like all others, with
/// offsets that are saved with the state that they made.
/// </summary>
internal sealed class SamplePush : IDisposable
{
    /// <summary>Bytes that may wait for the brokers: more is refused until there is room.</summary>
    private const long MostWaiting = 32 << 20;

    /// <summary>How long the brokers have.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryFull = TimeSpan.FromSeconds(1), RetryDown = TimeSpan.FromSeconds(5);

    private readonly TopicOptions _topic;
    private readonly IngestBounds _bounds;
    private readonly Func<IEnumerable<LiveProfile>> _profiles;
    private readonly TimeProvider _time;
    private readonly long _most;
    private readonly IProducer<byte[], byte[]> _producer;
    private long _waiting, _taken, _dropped, _failed;

    /// <summary>Samples that the brokers have taken.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Samples that cannot count.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Samples of requests that failed: pushing them again does no harm.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <param name="profiles">Those that are scored now.</param>
    /// <param name="mostWaiting">Bytes that may wait for the brokers.</param>
    public SamplePush(
        KafkaOptions options, TopicOptions topic, IngestBounds bounds, Func<IEnumerable<LiveProfile>> profiles, TimeProvider time, long mostWaiting = MostWaiting)
    {
        (_topic, _bounds, _profiles, _time, _most) = (topic, bounds, profiles, time, mostWaiting);
        var settings = new Dictionary<string, string>(options.Settings)
        {
            ["bootstrap.servers"] = options.Servers,
            ["enable.idempotence"] = "true",
            ["linger.ms"] = "5",
            ["message.timeout.ms"] = Patience.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
        };
        _producer = new ProducerBuilder<byte[], byte[]>(settings).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    /// <exception cref="OverloadException">When too much waits for the brokers.</exception>
    /// <exception cref="BrokersDownException">When they have not taken it in time.</exception>
    public async Task<SampleReceipt> TakeAsync(V1.PushSamplesRequest request, CancellationToken ct)
    {
        try
        {
            var receipt = await ProduceAsync(request, ct).ConfigureAwait(false);
            Interlocked.Add(ref _taken, receipt.Accepted);
            Interlocked.Add(ref _dropped, receipt.Dropped.Values.Sum());
            return receipt;
        }
        catch
        {
            Interlocked.Add(ref _failed, request.Batches.Sum(b => (long)b.Value.Count) + request.Series.Sum(s => (long)s.Value.Count));
            throw;
        }
    }

    public void Dispose() => _producer.Dispose();

    private async Task<SampleReceipt> ProduceAsync(V1.PushSamplesRequest request, CancellationToken ct)
    {
        var sorter = new PushSorter([.. _profiles()], _topic.Profile, _bounds, (_time.GetUtcNow() + _bounds.Ahead).UtcTicks);
        for (var i = 0; i < request.Batches.Count; i++) sorter.Add(request.Batches[i], i);
        for (var i = 0; i < request.Series.Count; i++) sorter.Add(request.Series[i], i);
        var messages = sorter.Messages().ConvertAll(m => (Key: Encoding.UTF8.GetBytes(SampleBatches.PartitionKey(m.Asset)), Value: m.ToByteArray()));
        var bytes = messages.Sum(m => (long)m.Key.Length + m.Value.Length);
        if (Interlocked.Add(ref _waiting, bytes) > _most && bytes > 0)
        {
            Interlocked.Add(ref _waiting, -bytes);
            throw new OverloadException(FormattableString.Invariant($"more than {_most} bytes of samples would wait for the brokers"), RetryFull);
        }
        try
        {
            // The brokers decide: what was handed over is counted as waiting until they have, whether or not the caller still waits.
            var taken = Task.WhenAll(messages.Select(m => _producer.ProduceAsync(_topic.Topic, new Message<byte[], byte[]> { Key = m.Key, Value = m.Value }, CancellationToken.None)));
            _ = taken.ContinueWith(_ => Interlocked.Add(ref _waiting, -bytes), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await taken.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
        {
            throw new OverloadException("as many messages wait for the brokers as can", RetryFull);
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            throw new BrokersDownException($"the brokers have not taken the samples: {e.Error.Reason}", RetryDown);
        }
        return sorter.Receipt;
    }
}
