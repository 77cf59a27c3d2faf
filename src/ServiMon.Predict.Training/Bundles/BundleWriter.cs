using System.IO.Compression;
using System.Text;

namespace ServiMon.Predict.Training.Bundles;

internal static class BundleWriter
{
    /// <summary>Writes beside the target, flushes to the disk and renames.</summary>
    public static void Write(string path, byte[] manifest, IEnumerable<(string Name, byte[] Bytes)> contents)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var part = FormattableString.Invariant($"{full}.{Environment.ProcessId}.part");
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
            {
                using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
                {
                    Add(zip, BundleNames.Manifest, manifest);
                    Add(zip, BundleNames.ManifestDigest, Encoding.ASCII.GetBytes(ModelBundle.Sha256(manifest) + "\n"));
                    foreach (var (name, bytes) in contents) Add(zip, name, bytes);
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(part, full, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = ZipTime.Fixed;
        using var stream = entry.Open();
        stream.Write(bytes);
    }
}
