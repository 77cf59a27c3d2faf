namespace ServiMon.Predict.Server.Ingest;

/// <summary>Why a sample of a well-formed message does not count. The list is closed.</summary>
public enum DropReason
{
    None,

    /// <summary>No profile has the metric, or the labels that name the asset are not there.</summary>
    UnknownSeries,

    /// <summary>What names the series makes no sense, or the asset's name is not allowed.</summary>
    BadLabels,

    /// <summary>More labels than allowed.</summary>
    TooManyLabels,

    /// <summary>A label longer than allowed.</summary>
    LabelTooLong,

    /// <summary>The asset has as many series as allowed.</summary>
    TooManySeries,

    /// <summary>There are as many assets as allowed.</summary>
    TooManyAssets,

    /// <summary>Its step was closed already.</summary>
    Late,

    /// <summary>The metric had a sample of the same time.</summary>
    Duplicate,

    /// <summary>NaN or infinite, stale markers among them.</summary>
    NotFinite,

    /// <summary>Its time lies further ahead of the clock than allowed.</summary>
    Ahead,

    /// <summary>Its step has more samples of the metric than are kept.</summary>
    Crowded,
}

/// <summary>How reasons are spelt in metrics.</summary>
public static class DropReasonNames
{
    public static string Text(this DropReason reason) => reason switch
    {
        DropReason.None => "none",
        DropReason.UnknownSeries => "unknown_series",
        DropReason.BadLabels => "bad_labels",
        DropReason.TooManyLabels => "too_many_labels",
        DropReason.LabelTooLong => "label_too_long",
        DropReason.TooManySeries => "too_many_series",
        DropReason.TooManyAssets => "too_many_assets",
        DropReason.Late => "late",
        DropReason.Duplicate => "duplicate",
        DropReason.NotFinite => "not_finite",
        DropReason.Ahead => "ahead",
        DropReason.Crowded => "crowded",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "not a drop reason"),
    };
}
