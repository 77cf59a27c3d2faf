using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Input;

/// <summary>The CSV files that describe one fleet; plain or <c>.gz</c>.</summary>
internal sealed record FleetFiles(string Samples, string? Incidents, string? Maintenance, bool SkipBadRows)
{
    /// <summary>Reads all of them. Incidents and maintenance must name assets of the samples.</summary>
    /// <param name="profile">May still lack the metrics that the data bring.</param>
    /// <exception cref="InputException">With the problems of all the files.</exception>
    public FleetRead Read(Profile profile, ProgressBars bars, CancellationToken stop)
    {
        var problems = new InputProblems();
        var notes = new List<string>();
        var samples = problems.Try(() => SampleFile.Read(
            Samples, new SampleReadOptions { SkipBadRows = SkipBadRows, Identity = profile.Identity },
            bars.ForCsv(Samples), stop));
        if (samples is { SkippedCount: > 0 }) notes.Add(Skipped(Samples, samples.Skipped));
        if (samples is { InfiniteCount: > 0 }) notes.Add($"{Samples}: {samples.InfiniteCount} infinite values count as missing");

        var known = samples?.History.Assets.Select(a => a.Asset).ToHashSet();
        IntervalReadOptions Options(string file) => new()
        {
            KnownAssets = known, Composite = profile.Composite, SkipBadRows = SkipBadRows, OnSkipped = counts => notes.Add(Skipped(file, counts)),
        };
        var incidents = Incidents is null ? [] : problems.Try(() => IncidentFile.Read(Incidents, Options(Incidents), stop));
        var maintenance = Maintenance is null ? [] : problems.Try(() => MaintenanceFile.Read(Maintenance, Options(Maintenance), stop));
        problems.ThrowIfAny();
        return new FleetRead(new FleetRecord(samples!.History, incidents!, maintenance!), samples.Rows, notes);
    }

    /// <summary>Adds one file of maintenance windows to two fleets, each window to the one that has its asset.</summary>
    public static Tuple<FleetRead, FleetRead> WithMaintenance(
        string file, Profile profile, bool skipBadRows, FleetRead first, FleetRead second, CancellationToken stop)
    {
        var notes = new List<string>();
        var windows = MaintenanceFile.Read(file, new IntervalReadOptions
        {
            KnownAssets = NamesOf(first).Union(NamesOf(second)).ToHashSet(), Composite = profile.Composite, SkipBadRows = skipBadRows,
            OnSkipped = counts => notes.Add(Skipped(file, counts)),
        }, stop);
        return Tuple.Create(Take(first) with { Notes = [.. first.Notes, .. notes] }, Take(second));

        FleetRead Take(FleetRead read)
        {
            var names = NamesOf(read).ToHashSet();
            var own = windows.Where(w => names.Contains(w.Asset) || names.Any(n => n.StartsWith(w.Asset + "/", StringComparison.Ordinal)));
            return read with { Fleet = read.Fleet with { Maintenance = [.. own] } };
        }

        static IEnumerable<string> NamesOf(FleetRead read) => read.Fleet.History.Assets.Select(a => a.Asset);
    }

    public static string Skipped(string file, IReadOnlyDictionary<BadRow, long> counts) =>
        $"{file}: skipped {counts.Values.Sum()} rows ({string.Join(", ", counts.Select(c => $"{c.Value} {c.Key.Text()}"))})";
}

/// <summary>A fleet as read.</summary>
/// <param name="Rows">The rows in the order of the samples file.</param>
/// <param name="Notes">What was left out and why, one line each.</param>
internal sealed record FleetRead(FleetRecord Fleet, RowOrder Rows, IReadOnlyList<string> Notes);
