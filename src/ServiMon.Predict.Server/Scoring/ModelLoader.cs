using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>From a model in the registry to one that scores.</summary>
internal static class ModelLoader
{
    /// <exception cref="InputException">When the bundle is damaged, tampered with or of a newer format: names the model.</exception>
    /// <exception cref="StoreException">When it cannot be read.</exception>
    public static async Task<(ScoringModel Model, BundleManifest Manifest)> LoadAsync(IModelRegistry registry, string id, CancellationToken ct)
    {
        // Bundles are files with a central directory at their end.
        var folder = Directory.CreateTempSubdirectory("servimon-");
        try
        {
            var file = Path.Combine(folder.FullName, $"{id}.zip");
            await File.WriteAllBytesAsync(file, await registry.ReadBundleAsync(id, ct), ct);
            var bundle = ModelBundle.Load(file);
            return (bundle.ToScoringModel(id), bundle.Manifest);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
