namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>What a series is called where it comes from.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Labels">Its labels, in any order; a name given twice counts as given last.</param>
public sealed record SeriesIdentity(string Metric, IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    /// <summary>The profile, where the format names it; else null.</summary>
    public string? Profile { get; init; }

    /// <summary>The asset, where the format names it; else null, and the labels do.</summary>
    public string? Asset { get; init; }

    /// <summary>The value of a label, or null.</summary>
    public string? Label(string name)
    {
        for (var i = Labels.Count - 1; i >= 0; i--)
            if (Labels[i].Key == name) return Labels[i].Value;
        return null;
    }
}
