using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>Reads a bundle without trusting it: sizes before contents, digests before meaning.</summary>
internal sealed class BundleReader
{
    private readonly string _path;
    private readonly BundleLimits _limits;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    private BundleReader(string path, BundleLimits limits, ZipArchive zip)
    {
        (_path, _limits) = (path, limits);
        if (zip.Entries.Count > limits.EntryCount) throw Fault($"has {zip.Entries.Count} entries, allowed {limits.EntryCount}");
        var total = 0L;
        foreach (var entry in zip.Entries)
        {
            if (!_entries.TryAdd(entry.FullName, entry)) throw Fault($"has the entry {Shown(entry.FullName)} twice");
            if (entry.Length > limits.Entry) throw Fault($"entry {Shown(entry.FullName)} has {entry.Length} bytes, allowed {limits.Entry}");
            if ((total += entry.Length) > limits.Total) throw Fault($"its entries have more than {limits.Total} bytes together");
        }
    }

    public static ModelBundle Read(string path, BundleLimits limits)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > limits.File)
                throw new InputException(path, FormattableString.Invariant($"has {file.Length} bytes, allowed {limits.File}"));
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            return new BundleReader(path, limits, zip).Read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(path, "is not there");
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException(path, "may not be read, or is a folder");
        }
        // A cut-off or damaged zip: the archive's own reader gives any of these.
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException or OverflowException or IOException)
        {
            throw new InputException(path, "is not a complete zip file: it is cut off or damaged");
        }
    }

    private ModelBundle Read()
    {
        var text = Content(BundleNames.Manifest, BundleLimits.Manifest);
        CheckVersion(text);
        var digest = Encoding.ASCII.GetString(Content(BundleNames.ManifestDigest, 128)).Trim();
        if (digest != ModelBundle.Sha256(text))
            throw Fault($"entry {BundleNames.Manifest} was changed: its digest is not the one in {BundleNames.ManifestDigest}");
        var manifest = Parse(text);
        var contents = CheckedContents(manifest);
        HazardModel model;
        try
        {
            model = HazardCodec.Read(contents[BundleNames.Hazard]);
        }
        catch (InvalidDataException e)
        {
            throw Fault($"entry {BundleNames.Hazard} {e.Message}");
        }
        if (model.Width != manifest.Columns.Length || model.Horizons.Length != manifest.Horizons.Length)
        {
            var (columns, horizons) = (manifest.Columns.Length, manifest.Horizons.Length);
            throw Fault($"entry {BundleNames.Hazard} is {model.Width} x {model.Horizons.Length} columns and horizons, the manifest {columns} x {horizons}");
        }
        var models = manifest.Entries.Where(e => BundleNames.IsMlNetModel(e.Name))
            .Select(e => new MlNetModel(BundleNames.MlNetName(e.Name), ImmutableArray.Create(contents[e.Name])));
        string Text(string name) => Encoding.UTF8.GetString(contents[name]);
        var parts = new BundleParts(
            model, [.. models], Text(BundleNames.Profile), ImmutableArray.Create(contents[BundleNames.References]), Text(BundleNames.Card),
            contents.TryGetValue(BundleNames.Distributions, out var distributions) ? ReadDistributions(distributions) : null,
            Composite(manifest, contents.GetValueOrDefault(BundleNames.Composite)));
        return new ModelBundle(manifest, text, parts);
    }

    private MetricDistributions ReadDistributions(byte[] bytes)
    {
        try
        {
            var reader = new StateReader(bytes);
            var read = MetricDistributions.Load(ref reader);
            return reader.AtEnd ? read : throw new InvalidDataException("goes on after its end");
        }
        catch (InvalidDataException e)
        {
            throw Fault($"entry {BundleNames.Distributions} cannot be read: {e.Message}");
        }
    }

    private CompositeModel? Composite(BundleManifest manifest, byte[]? bytes)
    {
        if ((bytes is null) != (manifest.Composites is null)) throw Fault($"has {(bytes is null ? "no" : "an")} entry {BundleNames.Composite}, its manifest says otherwise");
        if (bytes is null) return null;
        try
        {
            var model = CompositeCodec.Read(bytes);
            var (columns, horizons) = (manifest.Composites!.Columns, manifest.Horizons.Length);
            if (!columns.IsDefault && model.Hazard.Width == columns.Length && model.Hazard.Horizons.Length == horizons) return model;
            throw Fault($"entry {BundleNames.Composite} is {model.Hazard.Width} x {model.Hazard.Horizons.Length} columns and horizons, the manifest says otherwise");
        }
        catch (InvalidDataException e)
        {
            throw Fault($"entry {BundleNames.Composite} {e.Message}");
        }
    }

    private void CheckVersion(byte[] manifest)
    {
        try
        {
            using var json = JsonDocument.Parse(manifest);
            var version = json.RootElement.GetProperty("formatVersion").GetInt32();
            if (version is >= 1 and <= BundleManifest.CurrentVersion) return;
            throw Fault($"has format version {version}, this program reads 1 to {BundleManifest.CurrentVersion}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Fault($"entry {BundleNames.Manifest} is damaged or was changed: it has no format version");
        }
    }

    private BundleManifest Parse(byte[] text)
    {
        try
        {
            if (JsonSerializer.Deserialize<BundleManifest>(text, ModelBundle.Json) is { } manifest
                && !manifest.Entries.IsDefault && !manifest.Columns.IsDefault && !manifest.Horizons.IsDefault) return manifest;
        }
        catch (JsonException e)
        {
            throw Fault($"entry {BundleNames.Manifest} cannot be read: {e.Message}");
        }
        throw Fault($"entry {BundleNames.Manifest} lacks entries, columns or horizons");
    }

    private Dictionary<string, byte[]> CheckedContents(BundleManifest manifest)
    {
        var listed = new Dictionary<string, BundleEntry>(StringComparer.Ordinal);
        foreach (var entry in manifest.Entries)
            if (!listed.TryAdd(entry.Name, entry)) throw Fault($"lists the entry {Shown(entry.Name)} twice");
        foreach (var name in _entries.Keys)
            if (name is not (BundleNames.Manifest or BundleNames.ManifestDigest) && !listed.ContainsKey(name))
                throw Fault($"has the unknown entry {Shown(name)}");
        foreach (var name in BundleNames.Fixed)
            if (!listed.ContainsKey(name)) throw Fault($"lacks the entry {name}");
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in listed.Values)
        {
            if (!BundleNames.Fixed.Contains(entry.Name) && !BundleNames.IsOptional(entry.Name))
                throw Fault($"has the unknown entry {Shown(entry.Name)}");
            var bytes = Content(entry.Name, _limits.Entry);
            if (bytes.Length != entry.Bytes || ModelBundle.Sha256(bytes) != entry.Sha256)
                throw Fault($"entry {entry.Name} was changed: its digest is not the one in the manifest");
            contents[entry.Name] = bytes;
        }
        return contents;
    }

    /// <summary>The bytes of an entry, never more than the zip announces or the limit allows.</summary>
    private byte[] Content(string name, long limit)
    {
        if (!_entries.TryGetValue(name, out var entry)) throw Fault($"lacks the entry {Shown(name)}");
        if (entry.Length > limit) throw Fault($"entry {name} has {entry.Length} bytes, allowed {limit}");
        try
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                if (bytes.Length + read > entry.Length) throw Fault($"entry {name} is longer than the zip announces");
                bytes.Write(buffer, 0, read);
            }
            return bytes.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Fault($"entry {name} is damaged or was changed: it cannot be unpacked");
        }
    }

    private InputException Fault(FormattableString what) => new(_path, FormattableString.Invariant(what));

    /// <summary>A name from the file, safe to print.</summary>
    private static string Shown(string name)
    {
        var shown = new string([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
        return $"\"{shown}\"";
    }
}
