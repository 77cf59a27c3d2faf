using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>Incidents and maintenance windows of a feed as files, written anew with every change: DIR/PROFILE/incidents.csv and maintenance.csv.</summary>
internal sealed class EventFiles
{
    private readonly string _folder;
    private readonly Dictionary<string, (List<Incident> Incidents, List<MaintenanceWindow> Maintenance)> _profiles;
    private DateTimeOffset _written = DateTimeOffset.MinValue;

    /// <summary>Begins with empty files.</summary>
    public EventFiles(string folder, IEnumerable<string> profiles)
    {
        if (File.Exists(folder)) throw new InputException("--out", $"{folder} is a file, not a folder");
        _folder = folder;
        _profiles = profiles.ToDictionary(p => p, _ => (new List<Incident>(), new List<MaintenanceWindow>()));
        foreach (var profile in _profiles.Keys) Write(profile, DateTimeOffset.MinValue);
    }

    /// <summary>Takes what begins at a step, and writes the files that this, or an end since the last step, changes.</summary>
    public void Take(FeedStep step)
    {
        foreach (var begun in step.Incidents) _profiles[begun.Profile].Incidents.Add(begun.Incident);
        foreach (var begun in step.Maintenance) _profiles[begun.Profile].Maintenance.Add(begun.Window);
        var before = _written;
        _written = step.Time;
        foreach (var (profile, (incidents, maintenance)) in _profiles)
            if (incidents.Any(i => i.Start == step.Time || (i.End > before && i.End <= step.Time)) || maintenance.Any(m => m.Start == step.Time)) Write(profile, step.Time);
    }

    /// <summary>An incident has no end until it is over; the end of maintenance is planned.</summary>
    private void Write(string profile, DateTimeOffset now)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, profile)).FullName;
        Whole(Path.Combine(folder, "incidents.csv"), path => IncidentFile.Write(path, _profiles[profile].Incidents.Select(i => i.End <= now ? i : i with { End = null })));
        Whole(Path.Combine(folder, "maintenance.csv"), path => MaintenanceFile.Write(path, _profiles[profile].Maintenance));
    }

    /// <summary>Who reads meanwhile sees the old file or the new one.</summary>
    private static void Whole(string path, Action<string> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        write(temporary);
        File.Move(temporary, path, overwrite: true);
    }
}
