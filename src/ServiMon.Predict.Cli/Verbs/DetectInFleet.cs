using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon detect --samples</c>: what there is to find in all metrics of all assets, each by itself and all of an asset together.</summary>
internal sealed class DetectInFleet(VerbRun run, string samples, string? profile, bool skipBadRows, DetectorOptions options)
{
    private static readonly FindingKind[] Kinds = Enum.GetValues<FindingKind>();

    private readonly long[] _counts = new long[Kinds.Length];
    private readonly List<Finding> _found = [];

    public async Task WriteAsync(string output, string? segments)
    {
        var (read, model) = await run.WithProgress(bars => Task.FromResult(Detect(output, segments, bars)));
        var history = read.Fleet.History;
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new
            {
                Assets = history.Assets.Count, Metrics = model.Profile.Metrics.Length, Rows = history.RowCount,
                Findings = Kinds.ToDictionary(FindingFile.Text, k => _counts[(int)k]), read.Notes,
            }));
            return;
        }
        foreach (var note in read.Notes) run.Note(note);
        var told = string.Join(", ", Kinds.Select(k => string.Create(CultureInfo.InvariantCulture, $"{_counts[(int)k]} {FindingFile.Text(k)}")));
        run.Out.WriteLine(
            $"{samples}: {Counted.Of(history.Assets.Count, "asset")}, {Counted.Of(model.Profile.Metrics.Length, "metric")}, {Counted.Of(history.RowCount, "row")}: {told}; written to {output}");
    }

    private (FleetRead Read, EvidenceModel Model) Detect(string output, string? segments, ProgressBars bars)
    {
        var declared = profile is null ? null : ProfileFiles.Read(profile);
        var read = new FleetFiles(samples, null, null, skipBadRows).Read(declared ?? Anyones, bars, run.Stop);
        var history = read.Fleet.History;
        var model = new EvidenceModel(ProfileInference.Complete(declared ?? Drafted(history), history.Metrics));
        using var findings = new FindingFile(output);
        using var levels = segments is null ? null : new SegmentFile(segments, hasAssets: true);
        foreach (var (a, rows) in history.Assets.Index())
        {
            var replay = new FindingReplay(model, rows, options, keepValues: levels is not null);
            for (var step = 0; replay.Advance(_found); step++)
            {
                if (step % SeriesDirt.RowsPerLook == 0) Look(a, (double)step / rows.Count);
                if (_found.Count > 0) Write(findings, rows.Asset, model.Profile);
            }
            foreach (var segment in replay.Segments())
            {
                Look(a, 1);
                levels!.Write(rows.Asset, model.Profile.Metrics[segment.Metric].Name, segment);
            }
        }
        findings.Commit();
        levels?.Commit();
        return (read, model);

        void Look(int asset, double share)
        {
            run.Stop.ThrowIfCancellationRequested();
            bars.Report("detecting", (asset + share) / history.Assets.Count);
        }
    }

    private void Write(FindingFile file, string asset, Profile named)
    {
        foreach (var finding in _found)
        {
            file.Write(asset, named.Metrics[finding.Metric].Name, finding);
            _counts[(int)finding.Kind]++;
        }
        _found.Clear();
    }

    /// <summary>How samples are read whose profile nobody gave.</summary>
    private static Profile Anyones => ProfileReader.Parse("profile: any\nstep: 1m\nhorizons: [1h]\n", "any");

    private Profile Drafted(FleetHistory history)
    {
        var step = SampleLook.StepOf(history) ?? throw new InputException(samples, "no asset has two rows: the step cannot be told");
        return ProfileReader.Parse(ProfileDraft.Write(SampleLook.NameOf(samples), step, history.Metrics, SampleLook.StatisticsOf(history)), $"{samples}: drafted profile");
    }
}
