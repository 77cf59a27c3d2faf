using System.Text.Json;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>Bundles into and out of the registry. A bundle is read from a file, so it passes through the temporary folder.</summary>
public static class RegistryBundles
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Adds a bundle as candidate, with what is listed of it.</summary>
    public static async Task<ModelRecord> AddBundleAsync(this IModelRegistry registry, ModelBundle bundle, CancellationToken ct)
    {
        var manifest = bundle.Manifest;
        var summary = JsonSerializer.Serialize(new
        {
            Basis = manifest.Basis.Text(), manifest.CrossValidation.Chosen, Incidents = manifest.CrossValidation.OwnIncidentCount, manifest.TrainedFrom, manifest.TrainedUntil,
            BrierSkill = manifest.Horizons.ToDictionary(h => h.Text,
                h => manifest.CrossValidation.Horizons.FirstOrDefault(s => s.Seconds == h.Seconds) is { } s && double.IsFinite(s.BrierSkill) ? s.BrierSkill : (double?)null),
        }, Json);
        using var file = new BundleFile();
        bundle.Save(file.Path);
        return await registry.AddAsync(manifest.Profile, await File.ReadAllBytesAsync(file.Path, ct).ConfigureAwait(false), summary, ct).ConfigureAwait(false);
    }

    /// <summary>Reads and checks a bundle.</summary>
    /// <exception cref="InputException">When there is no such model, or its bundle is damaged, tampered with or of a newer format: names the model.</exception>
    public static async Task<ModelBundle> LoadBundleAsync(this IModelRegistry registry, string id, CancellationToken ct)
    {
        using var file = new BundleFile();
        await File.WriteAllBytesAsync(file.Path, await registry.ReadBundleAsync(id, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        try
        {
            return ModelBundle.Load(file.Path);
        }
        catch (InputException e)
        {
            throw new InputException([.. e.Problems.Select(p => p with { Where = p.Where.Replace(file.Path, id, StringComparison.Ordinal) })]);
        }
    }

    private sealed class BundleFile : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-");

        public string Path => System.IO.Path.Combine(_folder.FullName, "bundle.zip");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
