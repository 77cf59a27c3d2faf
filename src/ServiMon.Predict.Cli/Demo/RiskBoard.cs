using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>All replayed assets on one clock.</summary>
internal sealed class RiskBoard
{
    private readonly IReadOnlyList<ReplayedAsset> _assets;
    private readonly BoardCaption _caption;

    public RiskBoard(IReadOnlyList<ReplayedAsset> assets, IReadOnlyList<Horizon> horizons, BoardCaption caption)
    {
        (_assets, Horizons, _caption) = (assets, horizons, caption);
        Length = assets.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(assets.Max(a => a.EndTicks - Origin(a)));
    }

    public IReadOnlyList<Horizon> Horizons { get; }

    public IReadOnlyList<ReplayedAsset> Assets => _assets;

    /// <summary>From the start of the replay to the last row.</summary>
    public TimeSpan Length { get; }

    /// <summary>Replayed time so far.</summary>
    public TimeSpan Elapsed { get; private set; }

    public AlarmCounts Counts => _assets.Aggregate(default(AlarmCounts), (sum, a) => sum + a.Counts);

    public void AdvanceTo(TimeSpan elapsed)
    {
        Elapsed = elapsed;
        foreach (var asset in _assets) asset.PlayUntil(Origin(asset) + elapsed.Ticks);
    }

    public BoardView View() => new(
        _caption.Title, _caption.Clock(Elapsed), [.. Horizons.Select(h => h.Text)],
        [.. _assets.Select(a => a.ToRow()).OrderBy(Rank).ThenByDescending(Risk).ThenBy(r => r.Asset, StringComparer.Ordinal)],
        Counts, _caption.Hint);

    /// <summary>Distinct horizons of several profiles, ascending.</summary>
    public static IReadOnlyList<Horizon> HorizonsOf(IEnumerable<Profile> profiles) =>
        [.. profiles.SelectMany(p => p.Horizons).DistinctBy(h => h.Span).OrderBy(h => h.Span)];

    private long Origin(ReplayedAsset asset) => _caption.CommonOrigin ?? asset.StartTicks;

    private static int Rank(BoardRow row) => row.State switch
    {
        PredictionState.InIncident => 0,
        PredictionState.Ready => 1,
        _ => 2,
    };

    private static double Risk(BoardRow row) => row.Probability.Where(p => !double.IsNaN(p)).DefaultIfEmpty(0).Sum();
}

/// <summary>The words around a board.</summary>
/// <param name="CommonOrigin">UTC ticks at which all assets start; null when each starts with its own first row.</param>
/// <param name="Clock">The replayed time as text.</param>
/// <param name="Hint">What to try next.</param>
internal sealed record BoardCaption(string Title, long? CommonOrigin, Func<TimeSpan, string> Clock, string Hint);
