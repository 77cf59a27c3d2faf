using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Reading;

/// <summary>What there is of a fleet, without its rows: from this it is decided what is read.</summary>
internal sealed record FleetOutline(
    IReadOnlyList<string> Metrics, IReadOnlyList<AssetExtent> Assets, IReadOnlyList<Incident> Incidents, IReadOnlyList<MaintenanceWindow> Maintenance)
{
    /// <summary>A run goes on with the history as it was when it began while what came since is at most this part of its time.</summary>
    public const double MostGrowth = 1.0 / 20;

    private const long Open = long.MaxValue;

    public static FleetOutline Of(TrainingFleet fleet) => new(fleet.Metrics, fleet.Assets, fleet.Incidents, fleet.Maintenance);

    /// <summary>UTC ticks of the newest row.</summary>
    public long Last => Assets.Select(a => a.Last.UtcTicks).DefaultIfEmpty(0).Max();

    /// <summary>True when nothing before <see cref="Last"/> is known otherwise now, and little has come since.</summary>
    /// <param name="step">Spacing of the grid: at most a row a step can have come.</param>
    public bool GrewInto(FleetOutline now, TimeSpan step)
    {
        var first = Assets.Select(a => a.First.UtcTicks).DefaultIfEmpty(0).Min();
        if (now.Last - Last > (Last - first) * MostGrowth || !Metrics.SequenceEqual(now.Metrics)) return false;
        var before = Assets.ToDictionary(a => a.Asset);
        var known = 0;
        foreach (var asset in now.Assets)
            if (!before.TryGetValue(asset.Asset, out var old))
            {
                if (asset.First.UtcTicks <= Last) return false;
            }
            else
            {
                known++;
                var (rows, steps) = (asset.RowCount - old.RowCount, (asset.Last - old.Last) / step);
                if (asset.First != old.First || rows < 0 || steps < 0 || rows > steps + 1 || (steps == 0 && rows != 0)) return false;
            }
        return known == Assets.Count
            && IsSame(Incidents.Select(Window.Of), now.Incidents.Select(Window.Of)) && IsSame(Maintenance.Select(Window.Of), now.Maintenance.Select(Window.Of));
    }

    public void Write(StateWriter writer)
    {
        writer.Int(Metrics.Count);
        foreach (var metric in Metrics) writer.Text(metric);
        writer.Int(Assets.Count);
        foreach (var asset in Assets)
        {
            writer.Text(asset.Asset);
            writer.Longs([asset.First.UtcTicks, asset.Last.UtcTicks, asset.RowCount]);
        }
        Write(writer, [.. Incidents.Select(Window.Of)]);
        Write(writer, [.. Maintenance.Select(Window.Of)]);
    }

    /// <exception cref="InvalidDataException">When the bytes end too early.</exception>
    public static FleetOutline Read(ref StateReader reader)
    {
        var metrics = new string[reader.Count(sizeof(int))];
        for (var m = 0; m < metrics.Length; m++) metrics[m] = reader.Text();
        var assets = new AssetExtent[reader.Count(sizeof(int) + 3 * sizeof(long))];
        for (var a = 0; a < assets.Length; a++) assets[a] = new AssetExtent(reader.Text(), Time(reader.Long()), Time(reader.Long()), reader.Long());
        return new FleetOutline(metrics, assets,
            [.. Windows(ref reader).Select(w => new Incident(w.Asset, Time(w.Start), End(w.End), w.Kind))],
            [.. Windows(ref reader).Select(w => new MaintenanceWindow(w.Asset, Time(w.Start), End(w.End), w.Kind))]);
    }

    /// <summary>True when all are still there, unchanged as far as they lie before the newest row, and no other has come among them.</summary>
    private bool IsSame(IEnumerable<Window> before, IEnumerable<Window> now)
    {
        var last = Last;
        var latest = Math.Max(last, before.Select(w => w.Start).DefaultIfEmpty(0).Max());
        return Known(before).SequenceEqual(Known(now));

        IEnumerable<Window> Known(IEnumerable<Window> windows) =>
            windows.Where(w => w.Start <= latest).Select(w => w with { End = w.End >= last ? Open : w.End })
                .OrderBy(w => w.Asset, StringComparer.Ordinal).ThenBy(w => w.Start).ThenBy(w => w.Kind, StringComparer.Ordinal).ThenBy(w => w.End);
    }

    private static void Write(StateWriter writer, List<Window> windows)
    {
        writer.Int(windows.Count);
        foreach (var (asset, kind, start, end) in windows)
        {
            writer.Text(asset);
            writer.Text(kind);
            writer.Longs([start, end]);
        }
    }

    private static List<Window> Windows(ref StateReader reader)
    {
        var windows = new List<Window>();
        for (var left = reader.Count(2 * sizeof(int) + 2 * sizeof(long)); left > 0; left--)
            windows.Add(new Window(reader.Text(), reader.Text(), reader.Long(), reader.Long()));
        return windows;
    }

    private static DateTimeOffset Time(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
        ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw new InvalidDataException($"{ticks} is no time");

    private static DateTimeOffset? End(long ticks) => ticks == Open ? null : Time(ticks);

    /// <summary>An incident or a maintenance window.</summary>
    /// <param name="Start">UTC ticks.</param>
    /// <param name="End">UTC ticks; <see cref="Open"/> for never.</param>
    private readonly record struct Window(string Asset, string Kind, long Start, long End)
    {
        public static Window Of(Incident i) => new(i.Asset, i.Kind, i.Start.UtcTicks, i.End?.UtcTicks ?? Open);

        public static Window Of(MaintenanceWindow m) => new(m.Asset, m.Kind, m.Start.UtcTicks, m.End?.UtcTicks ?? Open);
    }
}
