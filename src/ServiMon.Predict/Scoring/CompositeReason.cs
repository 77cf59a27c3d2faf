using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Scoring;

/// <summary>A part of what moved the prediction of a composite, and whose evidence did; that member knows the words.</summary>
/// <param name="Group">The functional group, where no metric is concerned.</param>
/// <param name="Share">0 to 1; the shares of a prediction sum to 1.</param>
/// <param name="Member">The member without which this part would raise the risk least; null where the part tells of the members themselves.</param>
public sealed record CompositeReason(string Group, double Share, string? Member)
{
    /// <summary>What is to be said where there is no member to ask.</summary>
    internal string Text { get; init; } = "";

    /// <summary>What the part is about; null for a functional group.</summary>
    internal DriverTopic? Topic { get; init; }

    /// <summary>Puts the reasons into words, by group.</summary>
    /// <param name="path">The composite.</param>
    /// <param name="word">Asks a member for its words: <see cref="LiveAsset.Word"/>. Null when it is gone.</param>
    public static IReadOnlyList<Driver> Tell(string path, IReadOnlyList<CompositeReason> reasons, Func<string, CompositeReason, Driver?> word)
    {
        var parts = new List<Driver>();
        foreach (var reason in reasons)
        {
            var said = reason.Member is null ? null : word(reason.Member, reason);
            parts.Add(said is null ? new Driver(reason.Group, reason.Share, reason.Text)
                : said with { Detail = said.Detail.Length == 0 ? reason.Member![(path.Length + 1)..] : $"{reason.Member![(path.Length + 1)..]}: {said.Detail}" });
        }
        return DriverExplanation.ByGroup(parts);
    }
}
