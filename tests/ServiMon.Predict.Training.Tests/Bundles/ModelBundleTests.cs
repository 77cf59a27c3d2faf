using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Hazards;
using ServiMon.Predict.Training.Tests.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Bundles;

public sealed class ModelBundleTests : IDisposable
{
    private static readonly Lazy<ModelBundle> Made = new(Make);

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-bundle-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_round_trip_changes_nothing()
    {
        var path = Saved();
        var bundle = Made.Value;
        var read = ModelBundle.Load(path);
        var random = new Random(1);
        var (a, b) = (new double[3], new double[3]);
        for (var i = 0; i < 500; i++)
        {
            var evidence = Enumerable.Range(0, read.Model.Width).Select(_ => random.NextDouble() < 0.2 ? float.NaN : (float)(random.NextDouble() * 8 - 4)).ToArray();
            bundle.Model.Predict(evidence, a);
            read.Model.Predict(evidence, b);
            Assert.Equal(a.Select(BitConverter.DoubleToInt64Bits), b.Select(BitConverter.DoubleToInt64Bits));
        }
        Assert.Equal(bundle.Digest, read.Digest);
        Assert.Equal(bundle.ProfileText, read.ProfileText);
        Assert.Equal(bundle.References, read.References);
        Assert.Equal(bundle.Card, read.Card);
        Assert.Equal(bundle.Distributions![0].Quantile(0.5), read.Distributions![0].Quantile(0.5));
        Assert.Equal(bundle.Manifest.CrossValidation.Candidates, read.Manifest.CrossValidation.Candidates);
        Assert.Equal(bundle.MlNetModels.Select(m => m.Name), read.MlNetModels.Select(m => m.Name));
        var again = Path.Combine(_folder, "again.zip");
        read.Save(again);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(again));
    }

    [Fact]
    public void The_models_inside_are_ML_NETs_own()
    {
        var ml = new Microsoft.ML.MLContext(1);
        Assert.NotEmpty(Made.Value.MlNetModels);
        foreach (var model in ModelBundle.Load(Saved()).MlNetModels)
            Assert.NotNull(ml.Model.Load(new MemoryStream([.. model.Zip]), out _));
    }

    [Fact]
    public void Every_form_of_calibration_and_every_kind_of_bucket_survives_as_bytes()
    {
        var model = new HazardModel(
            [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)],
            [
                new BucketHazard
                {
                    Base = 0.1,
                    Components = [new LinearModel([float.Epsilon], [1e30f], [-0.0], 1e-300, 5)],
                    Calibration = new IsotonicCalibration([-1, 1.0 / 3], [0, 1]),
                    LearnedWeight = 0.3,
                },
                new BucketHazard { Base = 1e-9, Anomaly = new AnomalyRatio(0, [0.1f, 7], [1, 0.1], 20) },
            ], ["größe"], [0]);
        var bytes = HazardCodec.Write(model);
        Assert.Equal(bytes, HazardCodec.Write(HazardCodec.Read(bytes)));
        for (var cut = 0; cut < bytes.Length; cut++) Assert.Throws<InvalidDataException>(() => HazardCodec.Read(bytes[..cut]));
    }

    [Fact]
    public void A_file_cut_anywhere_gives_one_line()
    {
        var bytes = File.ReadAllBytes(Saved());
        for (var cut = 0; cut < bytes.Length; cut += 1 + bytes.Length / 200) OneLine(bytes[..cut], "");
    }

    /// <summary>A changed byte is noticed, or is one that carries no meaning (a time, a zip version) and changes nothing.</summary>
    [Fact]
    public void A_changed_byte_anywhere_is_noticed_or_harmless()
    {
        var bytes = File.ReadAllBytes(Saved());
        var noticed = 0;
        var tried = 0;
        for (var at = 0; at < bytes.Length; at += 1 + bytes.Length / 1500, tried++)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 0x55;
            try
            {
                Assert.Equal(Made.Value.Digest, Load(changed).Digest);
            }
            catch (InputException e)
            {
                noticed++;
                Assert.DoesNotContain('\n', Assert.Single(e.Problems).ToString());
            }
        }
        Assert.True(noticed > 0.8 * tried, $"{noticed} of {tried} changes noticed");
    }

    [Theory]
    [InlineData("hazard.bin")]
    [InlineData("model-card.md")]
    [InlineData("profile.yaml")]
    [InlineData("references.bin")]
    [InlineData("distributions.bin")]
    public void A_tampered_entry_is_named(string name) =>
        OneLine(Rewrite(name, b => { b[^3] ^= 1; return b; }), $"entry {name} was changed");

    [Fact]
    public void A_tampered_manifest_is_named()
    {
        OneLine(Edit("\"seed\": 7", "\"seed\": 8"), "entry manifest.json was changed");
        OneLine(Edit("{", "["), "entry manifest.json is damaged or was changed");
    }

    [Fact]
    public void A_tampered_ML_NET_model_is_named()
    {
        var name = $"hazards/{Made.Value.MlNetModels[0].Name}.zip";
        OneLine(Rewrite(name, b => { b[10] ^= 1; return b; }), $"entry {name} was changed");
    }

    [Fact]
    public void A_newer_format_is_told_with_both_versions() =>
        OneLine(Edit("\"formatVersion\": 2", "\"formatVersion\": 3"), "has format version 3, this program reads 1 to 2");

    [Fact]
    public void A_bundle_of_version_1_has_no_distributions_and_is_read_as_ever()
    {
        var bundle = ModelBundle.Load(Path.Combine(Testing.TestFiles.RepositoryRoot, "tests/ServiMon.Predict.Training.Tests/Bundles/model-bundle-v1.zip"));
        Assert.Equal((1, "small"), (bundle.Manifest.FormatVersion, bundle.Manifest.Profile));
        Assert.Null(bundle.Distributions);
        var again = Path.Combine(_folder, "again.zip");
        bundle.Save(again);
        Assert.Equal(bundle.Digest, ModelBundle.Load(again).Digest);
        var probabilities = new double[2];
        bundle.Model.PredictBase(probabilities);
        Assert.Equal(bundle.Manifest.Horizons.Select(h => h.BaseRate), probabilities);
    }

    [Fact]
    public void A_bundle_of_the_first_format_is_read_as_ever()
    {
        var first = Signed(text => text.Replace("\"formatVersion\": 2", "\"formatVersion\": 1", StringComparison.Ordinal)
            .Replace("  \"composites\": null,\n", "", StringComparison.Ordinal));
        var bundle = Load(first);
        Assert.Equal(1, bundle.Manifest.FormatVersion);
        Assert.Null(bundle.Manifest.Composites);
        Assert.Null(bundle.Composite);
    }

    [Fact]
    public void Composites_that_are_only_half_there_are_refused()
    {
        const string composites = "\"composites\": {\"basis\": \"prior\", \"columns\": [], \"crossValidation\": null}";
        OneLine(Signed(text => text.Replace("\"composites\": null", composites, StringComparison.Ordinal)), "has no entry composite.bin, its manifest says otherwise");
    }

    /// <summary>The zip with another manifest and the digest of that.</summary>
    private byte[] Signed(Func<string, string> change)
    {
        byte[] manifest = [];
        File.WriteAllBytes(Path.Combine(_folder, "edited.zip"), Rewrite("manifest.json", bytes => manifest = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(bytes)))));
        return Rewrite("manifest.sha256", _ => Encoding.ASCII.GetBytes(ModelBundle.Sha256(manifest) + "\n"), from: Path.Combine(_folder, "edited.zip"));
    }

    [Fact]
    public void Unknown_and_missing_entries_are_named()
    {
        OneLine(Rewrite("hazard.bin", _ => null), "lacks the entry \"hazard.bin\"");
        OneLine(Rewrite(null, b => b, "../evil.sh"), "unknown entry \"../evil.sh\"");
        OneLine(Rewrite(null, b => b, "hazard.bin"), "has the entry \"hazard.bin\" twice");
    }

    [Fact]
    public void Sizes_are_limited_before_anything_is_unpacked()
    {
        var bytes = File.ReadAllBytes(Saved());
        OneLine(bytes, "allowed 100", new BundleLimits { File = 100 });
        OneLine(bytes, "allowed 64", new BundleLimits { Entry = 64 });
        OneLine(bytes, "more than 500 bytes together", new BundleLimits { Total = 500 });
        OneLine(bytes, "entries, allowed 3", new BundleLimits { EntryCount = 3 });
        // 300 MB of zeros take 300 KB in the zip.
        OneLine(Rewrite(null, b => b, "hazards/bomb.zip", 300 << 20), "allowed 268435456");
    }

    [Fact]
    public void An_entry_that_is_longer_than_announced_is_refused()
    {
        var bytes = File.ReadAllBytes(Saved());
        // The uncompressed size of an entry stands 24 bytes into its central directory header (PK 01 02).
        for (var at = bytes.Length - 46; at > 0; at--)
        {
            if (bytes[at] != 'P' || bytes[at + 1] != 'K' || bytes[at + 2] != 1 || bytes[at + 3] != 2) continue;
            var changed = (byte[])bytes.Clone();
            BitConverter.TryWriteBytes(changed.AsSpan(at + 24), 1);
            OneLine(changed, "");
        }
    }

    [Fact]
    public void No_file_and_a_folder_and_no_zip_give_one_line()
    {
        Assert.Contains("is not there", Assert.Throws<InputException>(() => ModelBundle.Load(Path.Combine(_folder, "none.zip"))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => ModelBundle.Load(_folder));
        OneLine([], "is not a complete zip file");
        OneLine(Encoding.UTF8.GetBytes("no zip at all"), "is not a complete zip file");
    }

    [Fact]
    public void The_card_states_counts_metrics_and_limits()
    {
        var card = Made.Value.Card;
        string[] parts =
        [
            "synthetic", "incidents", "Brier skill", "## Limits", "10m", "learned from failures", "| load | 1000 | 10.", "| never | 0 | - | - | - | - | - |",
        ];
        foreach (var part in parts)
            Assert.Contains(part, card, StringComparison.Ordinal);
    }

    private string Saved()
    {
        var path = Path.Combine(_folder, "model.zip");
        Made.Value.Save(path);
        Assert.Empty(Directory.GetFiles(_folder, "*.part"));
        return path;
    }

    private ModelBundle Load(byte[] bytes, BundleLimits? limits = null)
    {
        var path = Path.Combine(_folder, "changed.zip");
        File.WriteAllBytes(path, bytes);
        return ModelBundle.Load(path, limits);
    }

    private void OneLine(byte[] bytes, string part, BundleLimits? limits = null)
    {
        var problem = Assert.Single(Assert.Throws<InputException>(() => Load(bytes, limits)).Problems);
        Assert.EndsWith("changed.zip", problem.Where, StringComparison.Ordinal);
        Assert.Contains(part, problem.What, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.What);
    }

    /// <summary>The zip with a text in the manifest replaced.</summary>
    private byte[] Edit(string from, string to) => Rewrite("manifest.json", bytes =>
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    });

    /// <summary>The zip with one entry changed (null: left out), or with one more of some length.</summary>
    private byte[] Rewrite(string? name, Func<byte[], byte[]?> change, string? added = null, int length = 3, string? from = null)
    {
        using var result = new MemoryStream();
        using (var zip = ZipFile.OpenRead(from ?? Saved()))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in zip.Entries)
            {
                using var content = new MemoryStream();
                using (var stream = entry.Open()) stream.CopyTo(content);
                var bytes = entry.FullName == name ? change(content.ToArray()) : content.ToArray();
                if (bytes is not null) Write(to, entry.FullName, bytes);
            }
            if (added is not null) Write(to, added, new byte[length]);
        }
        return result.ToArray();

        static void Write(ZipArchive to, string entry, byte[] bytes)
        {
            using var stream = to.CreateEntry(entry).Open();
            stream.Write(bytes);
        }
    }

    private static ModelBundle Make()
    {
        var fleet = new SyntheticFleet { Assets = 150, MaximumRows = 60, Intercept = Math.Log(1.0 / 8000) };
        var (table, _) = fleet.Draw();
        var request = fleet.Request(table);
        var trained = HazardTrainer.Fit(request);
        Assert.Equal(PredictionBasis.Learned, trained.Model.Basis);
        var profile = new Profile
        {
            Name = "synthetic",
            Step = request.Step,
            Horizons = [new(SyntheticFleet.Horizons[0], "10m"), new(SyntheticFleet.Horizons[1], "30m"), new(SyntheticFleet.Horizons[2], "1h")],
            Lateness = request.Step,
            WarmUp = request.Step,
            StaleAfter = request.Step,
            HalfLives = [request.Step, request.Step, request.Step],
            Groups = ["latency", "network", "pressure"],
            Metrics = [],
            Source = "profile: synthetic\n",
        };
        var distributions = new MetricDistributions(["load", "never"]);
        for (var i = 0; i < 1000; i++) distributions.Add([i + 1, double.NaN]);
        return ModelBundle.Create(trained, new BundleOrigin
        {
            Profile = profile,
            Layout = request.Layout,
            CodeVersion = "0.1.0-test",
            TrainedFrom = DateTimeOffset.UnixEpoch,
            TrainedUntil = DateTimeOffset.UnixEpoch.AddDays(1),
            SampleSha256 = new string('0', 64),
            Seed = request.Seed,
            References = [1, 2, 3, 4],
            Distributions = distributions,
            Holdout = trained.Report.Horizons,
        });
    }
}
