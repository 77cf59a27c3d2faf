using Microsoft.Extensions.Logging;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>What reading says. Event ids 1000 to 1099.</summary>
internal static partial class IngestLog
{
    [LoggerMessage(1000, LogLevel.Warning, "no broker answers at {Servers} ({Reason}); trying on")]
    public static partial void NoBroker(this ILogger logger, string servers, string reason);

    [LoggerMessage(1001, LogLevel.Information, "reading {Count} partitions: {Partitions}")]
    public static partial void Assigned(this ILogger logger, int count, string partitions);

    [LoggerMessage(1002, LogLevel.Warning, "Kafka: {Reason}; trying on ({Suppressed} such lines were left out)")]
    public static partial void Trouble(this ILogger logger, string reason, long suppressed);

    [LoggerMessage(1003, LogLevel.Warning, "topic {Topic} partition {Partition} offset {Offset} is no {Format}: {Fault}; put aside ({Suppressed} such lines were left out)")]
    public static partial void Malformed(this ILogger logger, string topic, int partition, long offset, string format, string fault, long suppressed);

    [LoggerMessage(1004, LogLevel.Error, "state cannot be saved: {Reason}; scoring goes on, and reading waits when {Most} steps wait for the store")]
    public static partial void CannotSave(this ILogger logger, string reason, int most);

    [LoggerMessage(1005, LogLevel.Information, "state is saved again")]
    public static partial void SavesAgain(this ILogger logger);

    [LoggerMessage(1006, LogLevel.Warning, "the saved state of asset {Asset} is damaged ({Reason}); it starts anew")]
    public static partial void DamagedState(this ILogger logger, string asset, string reason);

    [LoggerMessage(1007, LogLevel.Information, "restored {Assets} assets in {Milliseconds} ms")]
    public static partial void Restored(this ILogger logger, int assets, long milliseconds);

    [LoggerMessage(1008, LogLevel.Information, "brokers answer again")]
    public static partial void Connected(this ILogger logger);

    [LoggerMessage(1009, LogLevel.Warning, "a malformed message could not be put aside in {Topic}: {Reason} ({Suppressed} such lines were left out)")]
    public static partial void DeadLetterLost(this ILogger logger, string topic, string reason, long suppressed);

    [LoggerMessage(1010, LogLevel.Warning, "topic {Topic} partition {Partition} begins again at offset {Offset}, where {Next} was to come: it was made anew or lost its end")]
    public static partial void BeganAgain(this ILogger logger, string topic, int partition, long offset, long next);

    [LoggerMessage(1011, LogLevel.Warning, "topic {Topic} partition {Partition}: the brokers had removed {Count} messages from offset {Next} on before they were read; keep them for longer")]
    public static partial void Missed(this ILogger logger, string topic, int partition, long count, long next);

    [LoggerMessage(1012, LogLevel.Warning, "asset {Asset} comes from {Topic}[{Partition}] and from {OtherTopic}[{OtherPartition}]: instances of one group would each have a part of its samples; let producers set keys by asset, or have the topic re-keyed ({Suppressed} such lines were left out)")]
    public static partial void Scattered(this ILogger logger, string asset, string topic, int partition, string otherTopic, int otherPartition, long suppressed);

    [LoggerMessage(1013, LogLevel.Information, "giving keys to the samples of {Topic}, in {To}")]
    public static partial void Rekeying(this ILogger logger, string topic, string to);

    [LoggerMessage(1014, LogLevel.Warning, "the samples of {Topic} cannot be given keys: {Reason}; trying on from what was done ({Suppressed} such lines were left out)")]
    public static partial void RekeyingFailed(this ILogger logger, string topic, string reason, long suppressed);
}
