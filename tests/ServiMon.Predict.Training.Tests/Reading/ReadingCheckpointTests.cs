using System.Runtime.InteropServices;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Reading;

/// <summary>A run that was stopped and goes on gives the bits of one that was never stopped, and goes on only when the same is asked of the same.</summary>
public sealed class ReadingCheckpointTests : IAsyncLifetime
{
    private const int Assets = 6, Finished = 3;

    private static readonly FleetRecord Made = LongLives.Make(Assets, 20, 1);

    private static readonly Profiles.Profile Profile = LongLives.Profile with { Name = "p" };

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-stopped-").FullName;
    private readonly EmbeddedStore _store;

    public ReadingCheckpointTests() => _store = EmbeddedStore.Open(_folder);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Checkpoint => ReadingCheckpoint.PathOf(_folder, "p");

    public async ValueTask InitializeAsync()
    {
        foreach (var asset in Made.History.Assets) await _store.History.AppendAsync("p", [asset], Ct);
        await _store.Incidents.AddIncidentsAsync("p", Made.Incidents, Ct);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(20_000, 1)]
    [InlineData(1_000_000, 4)]
    public async Task A_run_that_was_stopped_goes_on_to_the_same_evidence(long mostValues, int parallelism)
    {
        var whole = await BuildAsync(null, mostValues);
        await StopAsync(mostValues);
        using var checkpoint = Open();
        var resumed = await BuildAsync(checkpoint, mostValues, parallelism);
        Assert.Equal($"went on after {Finished} of {Assets} assets", checkpoint.Summary);
        AssertSame(whole, resumed);
    }

    [Fact]
    public async Task The_model_is_the_same_and_a_run_that_is_over_leaves_no_file()
    {
        var whole = await TrainAsync(null);
        await StopAsync(mostValues: null);
        var stages = new Stages();
        using (var checkpoint = Open())
        {
            Assert.Equal(whole.Digest, (await TrainAsync(checkpoint, stages)).Digest);
            Assert.Contains($"p: history to evidence, went on after {Finished} of {Assets} assets", stages.Seen);
            Assert.True(File.Exists(Checkpoint));
            checkpoint.Complete();
        }
        Assert.False(File.Exists(Checkpoint));
    }

    [Fact]
    public async Task A_record_torn_anywhere_or_damaged_is_cut_off()
    {
        var whole = await BuildAsync(null);
        await StopAsync();
        var bytes = await File.ReadAllBytesAsync(Checkpoint, Ct);
        foreach (var length in new[] { 0, 1, 11, 40, bytes.Length / 2 }) Assert.InRange(await FinishedAsync(bytes[..length]), 0, Finished - 1);
        Assert.Equal(Finished - 1, await FinishedAsync(bytes[..^1]));
        Assert.Equal(Finished, await FinishedAsync([.. bytes, .. bytes[..100]]));
        bytes[^1] ^= 1;
        Assert.Equal(Finished - 1, await FinishedAsync(bytes));

        async Task<int> FinishedAsync(byte[] left)
        {
            await File.WriteAllBytesAsync(Checkpoint, left, Ct);
            int finished;
            using (var checkpoint = Open())
            {
                AssertSame(whole, await BuildAsync(checkpoint));
                finished = checkpoint.FinishedCount;
            }
            using var after = Open();
            AssertSame(whole, await BuildAsync(after));
            Assert.Equal(Assets, after.FinishedCount);
            return finished;
        }
    }

    [Theory]
    [InlineData("incident")]
    [InlineData("maintenance")]
    [InlineData("ended")]
    [InlineData("rows of before")]
    [InlineData("new asset")]
    [InlineData("much time")]
    [InlineData("profile")]
    [InlineData("asked")]
    [InlineData("values")]
    [InlineData("anew")]
    public async Task A_run_is_not_gone_on_with_when_something_changed(string what)
    {
        await StopAsync();
        var first = Made.History.Assets[0];
        var start = SmallFleets.Start;
        switch (what)
        {
            case "incident": await AddAsync(new Incident("unit-1", start.AddDays(3.01), start.AddDays(3.02), "other")); break;
            case "maintenance": await _store.Incidents.AddMaintenanceAsync("p", [new MaintenanceWindow("unit-1", start.AddDays(3), null, "plan")], Ct); break;
            case "ended": await AddAsync(Made.Incidents[0] with { End = Made.Incidents[0].End!.Value.AddHours(1) }); break;
            case "rows of before": await AppendAsync(first.Asset, start.AddMinutes(5)); break;
            case "new asset": await AppendAsync("unit-9", start.AddDays(1)); break;
            case "much time": await AppendAsync(first.Asset, start.AddDays(22)); break;
        }
        var profile = what == "profile" ? Profile with { PriorFailuresPerYear = 7 } : Profile;
        using var checkpoint = ReadingCheckpoint.Open(_folder, "p", what == "asked" ? "more" : "this", anew: what == "anew");
        var table = await BuildAsync(checkpoint, what == "values" ? 20_000 : null, profile: profile);
        Assert.Equal(0, checkpoint.FinishedCount);
        AssertSame(await BuildAsync(null, what == "values" ? 20_000 : null, profile: profile), table);
    }

    [Fact]
    public async Task What_has_come_since_the_run_began_waits_for_the_next()
    {
        var whole = await BuildAsync(null);
        await StopAsync();
        var later = SmallFleets.Start.AddDays(20.5);
        await AppendAsync("unit-0", later);
        await AppendAsync("unit-5", later);
        await AppendAsync("unit-9", later);
        await AddAsync(new Incident("unit-1", later, null, "worn"));
        using (var checkpoint = Open())
        {
            AssertSame(whole, await BuildAsync(checkpoint));
            Assert.Equal(Finished, checkpoint.FinishedCount);
            checkpoint.Complete();
        }
        using var next = Open();
        Assert.Equal(whole.Reading!.RowCount + 3, (await BuildAsync(next)).Reading!.RowCount);
        Assert.Equal(0, next.FinishedCount);
    }

    [Fact]
    public async Task A_second_run_beside_the_first_keeps_nothing_and_ends_all_the_same()
    {
        var whole = await BuildAsync(null);
        using var first = Open();
        using (var second = Open())
        {
            AssertSame(whole, await BuildAsync(second));
            second.Complete();
        }
        Assert.True(File.Exists(Checkpoint));
        AssertSame(whole, await BuildAsync(first));
    }

    [Fact]
    public async Task Where_nothing_can_be_written_the_run_is_as_any()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Ct);
        using var checkpoint = ReadingCheckpoint.Open(Path.Combine(file, "folder"), "p", "this");
        AssertSame(await BuildAsync(null), await BuildAsync(checkpoint));
    }

    private ReadingCheckpoint Open() => ReadingCheckpoint.Open(_folder, "p", "this");

    private Task AddAsync(Incident incident) => _store.Incidents.AddIncidentsAsync("p", [incident], Ct);

    private Task AppendAsync(string asset, DateTimeOffset time) =>
        _store.History.AppendAsync("p", [new AssetRows(asset, Made.History.Metrics, [time.UtcTicks], [41, 5, 0.5])], Ct);

    private async Task<EvidenceTable> BuildAsync(ReadingCheckpoint? checkpoint, long? mostValues = null, int parallelism = 1, Profiles.Profile? profile = null)
    {
        var fleet = await FleetInStore.OpenAsync(_store.History, _store.Incidents, profile ?? Profile, Ct, checkpoint);
        return EvidenceTableBuilder.Build(new EvidenceModel(profile ?? Profile), fleet, null, null, 1, null, Ct, Options(mostValues, parallelism), checkpoint);
    }

    /// <summary>Starts a run, by the trainer or of evidence alone, and stops it while it reads its fourth asset.</summary>
    private async Task StopAsync(long? mostValues = 1_000_000)
    {
        using var checkpoint = Open();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var fleet = await FleetInStore.OpenAsync(_store.History, _store.Incidents, Profile, Ct, checkpoint);
        var stopped = new StoppedFleet(fleet, stopping);
        Assert.ThrowsAny<OperationCanceledException>(() => mostValues is null
            ? Trainer.Train(Request(stopped, checkpoint), null, stopping.Token).Reading
            : EvidenceTableBuilder.Build(new EvidenceModel(Profile), stopped, null, null, 1, null, stopping.Token, Options(mostValues, 1), checkpoint).Reading);
    }

    private async Task<ModelBundle> TrainAsync(ReadingCheckpoint? checkpoint, IProgress<TrainingProgress>? progress = null)
    {
        var request = Request(await FleetInStore.OpenAsync(_store.History, _store.Incidents, Profile, Ct, checkpoint), checkpoint);
        return Trainer.Train(request, progress, Ct).ToBundle(request, "test");
    }

    private static TrainingRequest Request(TrainingFleet fleet, ReadingCheckpoint? checkpoint) =>
        new() { Profile = Profile, Fleet = fleet, Checkpoint = checkpoint, Reading = Options(null, 1) };

    private static ReadingOptions Options(long? mostValues, int parallelism) => new() { MostValues = mostValues ?? 1_000_000, Parallelism = parallelism };

    private static void AssertSame(EvidenceTable expected, EvidenceTable actual)
    {
        Assert.True(expected.Count > 500);
        Assert.True(MemoryMarshal.AsBytes<float>(expected.Values).SequenceEqual(MemoryMarshal.AsBytes<float>(actual.Values)));
        Assert.Equal(expected.Asset, actual.Asset);
        Assert.Equal(expected.Ticks, actual.Ticks);
        Assert.Equal(expected.Weight, actual.Weight);
        Assert.Equal(expected.Incident, actual.Incident);
        Assert.Equal(expected.SecondsToIncident, actual.SecondsToIncident);
        Assert.Equal(expected.SecondsObserved, actual.SecondsObserved);
        Assert.Equal(expected.Reading, actual.Reading);
        Assert.True(expected.Distributions!.StepCount > 500);
        Assert.Equal(Bytes(expected.Distributions), Bytes(actual.Distributions!));
    }

    private static byte[] Bytes(MetricDistributions distributions)
    {
        var writer = new StateWriter();
        distributions.Save(writer);
        return writer.Written.ToArray();
    }

    private sealed class Stages : IProgress<TrainingProgress>
    {
        public HashSet<string> Seen { get; } = [];

        public void Report(TrainingProgress value) => Seen.Add(value.Stage);
    }

    /// <summary>A fleet whose reader is stopped when it asks for one asset.</summary>
    private sealed class StoppedFleet(TrainingFleet fleet, CancellationTokenSource stopping) : TrainingFleet
    {
        public override IReadOnlyList<string> Metrics => fleet.Metrics;

        public override IReadOnlyList<AssetExtent> Assets => fleet.Assets;

        public override IReadOnlyList<Incident> Incidents => fleet.Incidents;

        public override IReadOnlyList<MaintenanceWindow> Maintenance => fleet.Maintenance;

        internal override long ValuesReadInAMoment => fleet.ValuesReadInAMoment;

        public override IEnumerable<AssetRows> Read(string asset, long from, long to, CancellationToken cancellation)
        {
            if (asset == fleet.Assets[Finished].Asset) stopping.Cancel();
            return fleet.Read(asset, from, to, cancellation);
        }

        internal override AssetExtent Before(AssetExtent asset, long cut, TimeSpan step) => fleet.Before(asset, cut, step);
    }
}
