using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>A <see cref="HazardModel"/> as bytes: little-endian, every float as its bits, so that a round trip changes nothing.</summary>
/// <remarks>The layout is in docs/formats/model-bundle.md.</remarks>
public static class HazardCodec
{
    private const uint Magic = 0x5A48_4D53; // "SMHZ" in little-endian order

    private const ushort Version = 1;

    private enum ScoreTag : byte { Linear = 1, Trees = 2 }

    private enum CalibrationTag : byte { None = 0, Platt = 1, Isotonic = 2 }

    public static byte[] Write(HazardModel model)
    {
        using var stream = new MemoryStream();
        using (var to = new BinaryWriter(stream, Encoding.UTF8))
        {
            to.Write(Magic);
            to.Write(Version);
            Array<string>(to, model.Groups.AsSpan(), static (w, g) => w.Write(g));
            Numbers(to, model.ColumnGroup.AsSpan());
            Array<TimeSpan>(to, model.Horizons.AsSpan(), static (w, h) => w.Write(h.Ticks));
            foreach (var bucket in model.Buckets) Write(to, bucket);
        }
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">When the bytes are not a whole, valid model.</exception>
    public static HazardModel Read(byte[] bytes)
    {
        try
        {
            using var from = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            if (from.ReadUInt32() != Magic) throw new InvalidDataException("does not start with SMHZ");
            var version = from.ReadUInt16();
            if (version != Version) throw new InvalidDataException(FormattableString.Invariant($"has version {version}, expected {Version}"));
            var groups = Enumerable.Range(0, Count(from, 1)).Select(_ => from.ReadString()).ToImmutableArray();
            var columnGroup = Numbers<int>(from).ToImmutableArray();
            var horizons = Numbers<long>(from).Select(TimeSpan.FromTicks).ToImmutableArray();
            var buckets = horizons.Select(_ => ReadBucket(from)).ToImmutableArray();
            if (from.BaseStream.Position != bytes.Length) throw new InvalidDataException("has bytes after its end");
            return new HazardModel(horizons, buckets, groups, columnGroup);
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"is not a valid hazard model ({e.Message})", e);
        }
    }

    private static void Write(BinaryWriter to, BucketHazard bucket)
    {
        to.Write(bucket.Base);
        to.Write(bucket.LearnedWeight);
        Array<IRiskScore>(to, bucket.Components.AsSpan(), static (w, s) => Write(w, s));
        switch (bucket.Calibration)
        {
            case null:
                to.Write((byte)CalibrationTag.None);
                break;
            case PlattCalibration platt:
                to.Write((byte)CalibrationTag.Platt);
                to.Write(platt.Slope);
                to.Write(platt.Offset);
                break;
            case IsotonicCalibration isotonic:
                to.Write((byte)CalibrationTag.Isotonic);
                Numbers(to, isotonic.Scores.AsSpan());
                Numbers(to, isotonic.Probabilities.AsSpan());
                break;
            default:
                throw new ArgumentException($"{bucket.Calibration.GetType().Name} has no form in a bundle");
        }
        to.Write(bucket.Anomaly is not null);
        if (bucket.Anomaly is not { } anomaly) return;
        to.Write(anomaly.Column);
        to.Write(anomaly.Cap);
        Numbers(to, anomaly.Levels.AsSpan());
        Numbers(to, anomaly.Tail.AsSpan());
    }

    private static BucketHazard ReadBucket(BinaryReader from)
    {
        var (rate, weight) = (from.ReadDouble(), from.ReadDouble());
        var components = Enumerable.Range(0, Count(from, 1)).Select(_ => ReadScore(from)).ToImmutableArray();
        ICalibration? calibration = (CalibrationTag)from.ReadByte() switch
        {
            CalibrationTag.None => null,
            CalibrationTag.Platt => new PlattCalibration(from.ReadDouble(), from.ReadDouble()),
            CalibrationTag.Isotonic => new IsotonicCalibration([.. Numbers<double>(from)], [.. Numbers<double>(from)]),
            var tag => throw new InvalidDataException($"has an unknown calibration {tag}"),
        };
        AnomalyRatio? anomaly = null;
        if (from.ReadBoolean())
        {
            var (column, cap) = (from.ReadInt32(), from.ReadDouble());
            anomaly = new AnomalyRatio(column, [.. Numbers<float>(from)], [.. Numbers<double>(from)], cap);
        }
        return new BucketHazard { Base = rate, LearnedWeight = weight, Components = components, Calibration = calibration, Anomaly = anomaly };
    }

    private static void Write(BinaryWriter to, IRiskScore score)
    {
        switch (score)
        {
            case LinearModel linear:
                to.Write((byte)ScoreTag.Linear);
                to.Write(linear.Bias);
                to.Write(linear.Clip);
                Numbers(to, linear.Center);
                Numbers(to, linear.InverseScale);
                Numbers(to, linear.Weight);
                break;
            case TreeEnsemble trees:
                to.Write((byte)ScoreTag.Trees);
                to.Write(trees.Width);
                to.Write(trees.Scale);
                to.Write(trees.Offset);
                Numbers(to, trees.Roots);
                Numbers(to, trees.Feature);
                Numbers(to, trees.Threshold);
                Array<bool>(to, trees.MissingLeft, static (w, b) => w.Write(b));
                Numbers(to, trees.Left);
                Numbers(to, trees.Right);
                Numbers(to, trees.Leaf);
                break;
            default:
                throw new ArgumentException($"{score.GetType().Name} has no form in a bundle");
        }
    }

    private static IRiskScore ReadScore(BinaryReader from)
    {
        switch ((ScoreTag)from.ReadByte())
        {
            case ScoreTag.Linear:
                var (bias, clip) = (from.ReadDouble(), from.ReadSingle());
                return new LinearModel(Numbers<float>(from), Numbers<float>(from), Numbers<double>(from), bias, clip);
            case ScoreTag.Trees:
                var (width, scale, offset) = (from.ReadInt32(), from.ReadDouble(), from.ReadDouble());
                return new TreeEnsemble(
                    width, Numbers<int>(from), Numbers<int>(from), Numbers<float>(from),
                    [.. Enumerable.Range(0, Count(from, 1)).Select(_ => from.ReadBoolean())],
                    Numbers<int>(from), Numbers<int>(from), Numbers<double>(from), scale, offset);
            case var tag:
                throw new InvalidDataException($"has an unknown score {tag}");
        }
    }

    private static void Array<T>(BinaryWriter to, ReadOnlySpan<T> values, Action<BinaryWriter, T> write)
    {
        to.Write(values.Length);
        foreach (var value in values) write(to, value);
    }

    // Numbers are written as they lie in memory, which is little-endian on every platform that .NET and ML.NET run on.
    private static void Numbers<T>(BinaryWriter to, ReadOnlySpan<T> values) where T : unmanaged
    {
        to.Write(values.Length);
        to.Write(MemoryMarshal.AsBytes(values));
    }

    private static T[] Numbers<T>(BinaryReader from) where T : unmanaged
    {
        var values = new T[Count(from, Marshal.SizeOf<T>())];
        from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>A number of items that can still follow: nothing is allocated for more.</summary>
    private static int Count(BinaryReader from, int itemBytes)
    {
        var count = from.ReadInt32();
        if (count < 0 || (long)count * itemBytes > from.BaseStream.Length - from.BaseStream.Position)
            throw new InvalidDataException(FormattableString.Invariant($"announces {count} items, more than there are bytes"));
        return count;
    }
}
