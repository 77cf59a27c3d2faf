using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Input;

/// <summary>What a look at samples tells a draft of their profile.</summary>
internal static class SampleLook
{
    /// <summary>The most frequent spacing of rows over all assets, whole milliseconds; null when no asset has two rows.</summary>
    public static TimeSpan? StepOf(FleetHistory history)
    {
        var counts = new Dictionary<long, long>();
        foreach (var asset in history.Assets)
            for (var i = 1; i < asset.Count; i++)
            {
                var spacing = (asset.Ticks[i] - asset.Ticks[i - 1] + TimeSpan.TicksPerMillisecond / 2) / TimeSpan.TicksPerMillisecond;
                if (spacing > 0) counts[spacing] = counts.GetValueOrDefault(spacing) + 1;
            }
        return counts.Count == 0 ? null : TimeSpan.FromMilliseconds(counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key).First().Key);
    }

    /// <summary>A profile's name from a file's: lower-case letters, digits and dashes.</summary>
    public static string NameOf(string path)
    {
        var file = Path.GetFileName(path);
        foreach (var ending in new[] { ".gz", ".csv" })
            if (file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) file = file[..^ending.Length];
        var letters = file.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').ToArray();
        var name = new string(letters).Trim('-');
        return name.Length == 0 || !char.IsAsciiLetter(name[0]) ? "draft" : name;
    }

    public static IReadOnlyDictionary<string, ColumnStatistics> StatisticsOf(FleetHistory history) =>
        Enumerable.Range(0, history.Metrics.Count).ToDictionary(m => history.Metrics[m], m => Statistics(history, m));

    private static ColumnStatistics Statistics(FleetHistory history, int metric)
    {
        long count = 0, rises = 0, falls = 0;
        double least = double.NaN, most = double.NaN;
        foreach (var asset in history.Assets)
        {
            var before = double.NaN;
            for (var row = 0; row < asset.Count; row++)
            {
                var value = asset.Row(row)[metric];
                if (!double.IsFinite(value)) continue;
                count++;
                if (!(value >= least)) least = value;
                if (!(value <= most)) most = value;
                if (value > before) rises++;
                else if (value < before) falls++;
                before = value;
            }
        }
        return new ColumnStatistics(count, least, most, rises, falls);
    }
}
