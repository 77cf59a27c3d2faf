using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest.Rekeying;

/// <summary>A sample whose asset is known.</summary>
internal readonly record struct KeyedSample(AssetKey Asset, string Metric, long UnixNanos, double Value);

/// <summary>What was read of one message.</summary>
/// <param name="Ticks">Time of its newest sample, UTC ticks; that of the clock where it has none.</param>
/// <param name="Samples">Those that can count.</param>
internal sealed record KeyedMessage(SourcePartition Source, long Offset, long Ticks, IReadOnlyList<KeyedSample> Samples);
