using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>Puts malformed messages aside, as they came, with headers that say where they came from and what is wrong.</summary>
internal sealed class DeadLetters : IDisposable
{
    /// <summary>How long one that finds the producer's queue full waits for room, altogether.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly string _topic;
    private readonly IngestStatus _status;
    private readonly ILogger _logger;
    private readonly LineLimit _lines;
    private int _waiting;
    private volatile bool _isStuck;

    public DeadLetters(KafkaOptions options, IngestStatus status, LineLimit lines, ILogger logger)
    {
        _topic = options.DeadLetterTopic;
        _status = status;
        _lines = lines;
        _logger = logger;
        var settings = new Dictionary<string, string>(options.Settings)
        {
            ["bootstrap.servers"] = options.Servers, ["enable.idempotence"] = "true", ["linger.ms"] = "50",
        };
        _producer = new ProducerBuilder<byte[]?, byte[]>(settings).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    public void Put(SourcePartition source, long offset, string format, MessageFault fault, byte[]? key, byte[] value)
    {
        var message = new Message<byte[]?, byte[]>
        {
            Key = key,
            Value = value,
            Headers = new Headers
            {
                { "servimon-topic", Encoding.UTF8.GetBytes(source.Topic) },
                { "servimon-partition", Number(source.Partition) },
                { "servimon-offset", Number(offset) },
                { "servimon-format", Encoding.UTF8.GetBytes(format) },
                { "servimon-reason", Encoding.UTF8.GetBytes(fault.Text()) },
            },
        };
        Interlocked.Increment(ref _waiting);
        while (true)
            try
            {
                _producer.Produce(_topic, message, report => Delivered(report.Error));
                return;
            }
            catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull && !_isStuck)
            {
                // A flood: reading waits until the brokers have taken what is there. Where they do not, it waits only once.
                _isStuck = _producer.Flush(Patience) > 0;
            }
            catch (ProduceException<byte[]?, byte[]> e)
            {
                Delivered(e.Error);
                return;
            }
    }

    /// <summary>Waits until the broker has taken what was put.</summary>
    /// <returns>False when the time was not enough: offsets behind these messages must not be saved yet.</returns>
    public bool Flush(TimeSpan most)
    {
        if (Volatile.Read(ref _waiting) == 0) return true;
        _producer.Flush(most);
        return Volatile.Read(ref _waiting) == 0;
    }

    public void Dispose() => _producer.Dispose();

    private void Delivered(Error error)
    {
        Interlocked.Decrement(ref _waiting);
        if (!error.IsError) _isStuck = false;
        _status.CountDeadLetter(!error.IsError);
        if (error.IsError && _lines.TryWrite("dead letter", out var suppressed)) _logger.DeadLetterLost(_topic, error.Reason, suppressed);
    }

    private static byte[] Number(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
