using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Training.Reading;

/// <summary>
/// What a run of training has made of the assets that it has read, in a file, so that a run that is stopped goes on there. The result is that of a run
/// that was never stopped, bit for bit.
/// </summary>
/// <remarks>
/// A run goes on when the same is asked of the same fleet by the same program on the same kind of machine; otherwise it starts anew. It goes on with the
/// fleet as it was when it began. Where the file cannot be written, or another process has it, nothing is kept and the run is as any.
/// </remarks>
public sealed class ReadingCheckpoint : IDisposable
{
    internal const byte Version = 2;

    /// <summary>Values in one record: 1 MB.</summary>
    private const int PieceValues = 250_000;

    private const byte FleetRecord = 1, KeyRecord = 2, RowsRecord = 3, AssetRecord = 4;

    private readonly Lock _gate = new();
    private readonly string _asked;
    private CheckpointFile? _file;

    private ReadingCheckpoint(CheckpointFile? file, string asked) => (_file, _asked) = (file, asked);

    /// <summary>Assets that had been read when the run was stopped before; 0 when it started anew.</summary>
    public int FinishedCount { get; private set; }

    /// <summary>Assets of the fleet.</summary>
    public int AssetCount { get; private set; }

    /// <summary>One line for people; empty when the run started anew.</summary>
    public string Summary { get; private set; } = "";

    /// <param name="folder">Made when it is not there.</param>
    /// <param name="profile">Its name: there is one file for each profile.</param>
    /// <param name="asked">What is asked of the fleet; a run that was asked something else is not gone on with.</param>
    /// <param name="anew">True to forget a run that was stopped.</param>
    public static ReadingCheckpoint Open(string folder, string profile, string asked, bool anew = false)
    {
        var file = CheckpointFile.Open(PathOf(folder, profile));
        if (anew) file?.CutAt(0);
        return new ReadingCheckpoint(file, asked);
    }

    /// <summary>Whether there is a run that was stopped, was asked just this, and has not been taken up by another process.</summary>
    public static bool IsStopped(string folder, string profile, string asked)
    {
        if (!File.Exists(PathOf(folder, profile))) return false;
        using var file = CheckpointFile.Open(PathOf(folder, profile));
        if (file?.Read() is not { } body) return false;
        var reader = new StateReader(body);
        return reader.Byte() == FleetRecord && reader.Byte() == Version && reader.Text() == asked;
    }

    /// <summary>The file of a profile.</summary>
    public static string PathOf(string folder, string profile) => Path.Combine(folder, $"{Uri.EscapeDataString(profile)}.reading");

    /// <summary>The run is over and its result kept elsewhere: the file is removed.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _file?.Delete();
            _file = null;
        }
    }

    public void Dispose()
    {
        lock (_gate) _file?.Dispose();
    }

    /// <summary>The fleet that is trained on: that of the run that was stopped when it can go on, otherwise as it is now.</summary>
    internal FleetOutline Begin(FleetOutline now, Profile profile)
    {
        var begun = now;
        Keep(file =>
        {
            if (file.Read() is { } body && TryReadFleet(body, profile) is { } before && before.GrewInto(now, profile.Step))
            {
                begun = before;
                return;
            }
            file.CutAt(0);
            var writer = new StateWriter();
            writer.Byte(FleetRecord);
            writer.Byte(Version);
            writer.Text(_asked);
            writer.Text(profile.Digest());
            now.Write(writer);
            file.Append(writer.Written.Span);
        });
        return begun;
    }

    /// <summary>What has been made of the assets so far, by their number; nothing when the key is not that of the run that was stopped.</summary>
    /// <param name="distributions">To which those of the assets that are found are added.</param>
    internal Dictionary<int, FinishedAsset> Restore(string key, int assetCount, int width, MetricDistributions distributions)
    {
        var finished = new Dictionary<int, FinishedAsset>();
        Keep(file =>
        {
            var end = file.Position;
            if (file.Read() is { } body && IsKey(body, key))
            {
                end = file.Position;
                try
                {
                    ReadAssets(file, finished, assetCount, width, distributions, ref end);
                }
                catch (InvalidDataException)
                {
                    // What is whole is used.
                }
                file.CutAt(end);
                return;
            }
            file.CutAt(end);
            var writer = new StateWriter();
            writer.Byte(KeyRecord);
            writer.Text(key);
            file.Append(writer.Written.Span);
            file.Flush();
        });
        (FinishedCount, AssetCount) = (finished.Count, assetCount);
        if (finished.Count > 0) Summary = string.Create(CultureInfo.InvariantCulture, $"went on after {finished.Count:N0} of {assetCount:N0} assets");
        return finished;
    }

    /// <summary>Keeps what was made of an asset. May be called by several threads.</summary>
    internal void Add(int asset, FinishedAsset made, MetricDistributions distributions, int width) => Keep(file =>
    {
        var writer = new StateWriter();
        for (int from = 0, piece = Math.Max(1, PieceValues / width); from < made.Rows.Count; from += piece)
        {
            writer.Clear();
            writer.Byte(RowsRecord);
            writer.Int(asset);
            made.Rows.Write(writer, from, Math.Min(piece, made.Rows.Count - from));
            file.Append(writer.Written.Span);
        }
        writer.Clear();
        writer.Byte(AssetRecord);
        writer.Int(asset);
        writer.Int(made.Rows.Count);
        writer.Long(made.Rows.Known);
        writer.Long(made.RowsRead);
        writer.Bytes(made.Sha256);
        distributions.Save(writer);
        file.Append(writer.Written.Span);
        file.Flush();
    });

    /// <summary>Over everything that what is made of an asset depends on, rows aside.</summary>
    internal static string KeyOf(EvidenceModel model, TrainingFleet fleet, DateTimeOffset? until, ulong seed, ReadingOptions reading)
    {
        var writer = new StateWriter();
        foreach (var code in new[] { typeof(EvidenceModel), typeof(ReadingCheckpoint) }) writer.Bytes(code.Module.ModuleVersionId.ToByteArray());
        // Sums over lanes depend on how many a register holds.
        writer.Int(Vector<byte>.Count);
        writer.Int((int)RuntimeInformation.ProcessArchitecture);
        writer.Text(model.Digest);
        writer.Longs([until?.UtcTicks ?? long.MaxValue, (long)seed, reading.MostValues]);
        FleetOutline.Of(fleet).Write(writer);
        return Convert.ToHexStringLower(SHA256.HashData(writer.Written.Span));
    }

    private static void ReadAssets(
        CheckpointFile file, Dictionary<int, FinishedAsset> finished, int assetCount, int width, MetricDistributions distributions, ref long end)
    {
        var rows = new EvidenceRows();
        while (file.Read() is { } body)
        {
            var reader = new StateReader(body);
            var kind = reader.Byte();
            var asset = reader.Int();
            if (asset < 0 || asset >= assetCount) throw new InvalidDataException($"there is no asset {asset}");
            if (kind == RowsRecord)
            {
                rows.Read(ref reader, asset, width);
                continue;
            }
            if (kind != AssetRecord || reader.Int() != rows.Count) throw new InvalidDataException("rows are missing");
            rows.Close(reader.Long());
            var (read, sha256) = (reader.Long(), new byte[SHA256.HashSizeInBytes]);
            reader.Bytes(sha256);
            var own = MetricDistributions.Load(ref reader);
            if (!own.Metrics.SequenceEqual(distributions.Metrics)) throw new InvalidDataException("the distributions are of other metrics");
            distributions.Merge(own);
            finished[asset] = new FinishedAsset(rows, read, sha256);
            (rows, end) = (new EvidenceRows(), file.Position);
        }
    }

    private FleetOutline? TryReadFleet(byte[] body, Profile profile)
    {
        try
        {
            var reader = new StateReader(body);
            return reader.Byte() == FleetRecord && reader.Byte() == Version && reader.Text() == _asked && reader.Text() == profile.Digest()
                ? FleetOutline.Read(ref reader) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static bool IsKey(byte[] body, string key)
    {
        var writer = new StateWriter();
        writer.Byte(KeyRecord);
        writer.Text(key);
        return body.AsSpan().SequenceEqual(writer.Written.Span);
    }

    /// <summary>A file that cannot be written to any more is given up: training is worth more.</summary>
    private void Keep(Action<CheckpointFile> work)
    {
        lock (_gate)
            try
            {
                if (_file is not null) work(_file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _file?.Delete();
                _file = null;
            }
    }
}

/// <summary>What was made of one asset.</summary>
/// <param name="RowsRead">Rows read, warm-up included.</param>
/// <param name="Sha256">Over the asset's name and the times and values read.</param>
internal sealed record FinishedAsset(EvidenceRows Rows, long RowsRead, byte[] Sha256);
