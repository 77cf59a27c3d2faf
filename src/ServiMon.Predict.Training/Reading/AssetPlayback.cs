using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Reading;

/// <summary>Plays what is read of one asset, stretch after stretch, piece by piece: two pieces are in memory at a time.</summary>
internal sealed class AssetPlayback(EvidenceModel model, TrainingFleet fleet, AssetReading reading)
{
    private readonly AssetReplay _replay = new(model, reading.Extent.Asset, fleet.Metrics, reading.Extent.First.UtcTicks);
    private readonly long _spreadSteps = ReadingSpans.Of(model.Profile, 1).WarmUp / model.Profile.Step.Ticks;
    private readonly double[] _raw = new double[model.Profile.Metrics.Length];

    private readonly double[] _values = new double[model.Profile.Metrics.Length];

    public AssetMonitor Monitor => _replay.Monitor;

    /// <summary>UTC ticks of the last row played.</summary>
    public long LastTicks { get; private set; }

    /// <summary>Over the asset's name and the times and values read.</summary>
    public byte[] Sha256 { get; private set; } = [];

    /// <summary>Values of the row played last, after rate and scale.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>What is done with a row: told its time, gives where its evidence is wanted, or an empty span.</summary>
    public delegate Span<float> Wanted(long ticks);

    /// <param name="wanted">Asked before each row.</param>
    /// <param name="played">Told after each row whose evidence was wanted and written.</param>
    /// <param name="stepped">Told after the last row of each step that was not passed over, warm-up included.</param>
    public void Play(Wanted wanted, Action<long> played, Action<long> stepped, Action<int> progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{reading.Extent.Asset}\n"));
        var watch = new FailureWatch(model.Profile);
        foreach (var (rows, following, skippedTo) in PiecesAhead.Of(fleet, reading, cancellation))
        {
            hash.AppendData(MemoryMarshal.AsBytes<long>(rows.Ticks));
            hash.AppendData(MemoryMarshal.AsBytes<double>(rows.Values));
            if (skippedTo is { } ticks)
            {
                _replay.SkipTo(ticks, _spreadSteps);
                // A rule that held before the skip need not have held since.
                watch = new FailureWatch(model.Profile);
            }
            _replay.Continue(rows, following);
            Piece(rows, watch, wanted, played, stepped);
            progress(rows.Count);
        }
        Sha256 = hash.GetHashAndReset();
    }

    private void Piece(AssetRows rows, FailureWatch watch, Wanted wanted, Action<long> played, Action<long> stepped)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var ticks = rows.Ticks[row];
            _replay.CopyNext(_raw);
            var condition = watch.Observe(ticks, _raw, reading.Timeline.InMaintenance(ticks) ? AssetCondition.Maintenance : AssetCondition.Normal);
            // Every row moves the state; only the evidence that is wanted is written out.
            var evidence = wanted(ticks);
            if (!_replay.Advance(condition, evidence, _values)) continue;
            if (!evidence.IsEmpty && !Monitor.IsWarmingUp && !Monitor.IsStale) played(ticks);
            if (_replay.EndsStep && !Monitor.IsStale) stepped(ticks);
        }
        LastTicks = rows.Ticks[^1];
    }
}
