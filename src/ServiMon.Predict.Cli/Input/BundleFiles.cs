using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Cli.Input;

/// <summary>Bundles into and out of the registry; a bundle is a file, so it passes through the temporary folder.</summary>
internal static class BundleFiles
{
    public static async Task<ModelRecord> AddAsync(EmbeddedStore store, ModelBundle bundle, CancellationToken stop)
    {
        var manifest = bundle.Manifest;
        var summary = JsonText.OneLine(new
        {
            Basis = manifest.Basis.Text(), manifest.CrossValidation.Chosen, Incidents = manifest.CrossValidation.OwnIncidentCount, manifest.TrainedFrom, manifest.TrainedUntil,
            BrierSkill = manifest.Horizons.ToDictionary(h => h.Text, h => manifest.CrossValidation.Horizons.FirstOrDefault(s => s.Seconds == h.Seconds)?.BrierSkill),
        });
        using var file = new TemporaryFile();
        bundle.Save(file.Path);
        return await store.Models.AddAsync(manifest.Profile, await File.ReadAllBytesAsync(file.Path, stop), summary, stop);
    }

    /// <exception cref="InputException">When the bundle is damaged, tampered with or of a newer format: one line that names the model.</exception>
    public static async Task<ModelBundle> LoadAsync(EmbeddedStore store, string id, CancellationToken stop)
    {
        using var file = new TemporaryFile();
        await File.WriteAllBytesAsync(file.Path, await store.Models.ReadBundleAsync(id, stop), stop);
        try
        {
            return ModelBundle.Load(file.Path);
        }
        catch (InputException e)
        {
            throw new InputException([.. e.Problems.Select(p => p with { Where = p.Where.Replace(file.Path, id, StringComparison.Ordinal) })]);
        }
    }

    private sealed class TemporaryFile : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-");

        public string Path => System.IO.Path.Combine(_folder.FullName, "bundle.zip");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
