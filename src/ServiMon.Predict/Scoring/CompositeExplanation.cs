using System.Globalization;
using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// Takes the evidence of a composite apart as that of an asset is, by what it is about, and finds for each part the member that moved it most: without
/// which that part alone would leave the probability lowest.
/// </summary>
internal static class CompositeExplanation
{
    /// <summary>More members than this are not tried one by one; those with the highest evidence are.</summary>
    private const int MostTried = 64;

    /// <param name="without">Writes the evidence that there would be without a member.</param>
    public static IReadOnlyList<CompositeReason> Of(
        CompositeModel model, CompositeEvidence layout, ReadOnlySpan<float> evidence, IReadOnlyList<CompositeMember> members, Action<CompositeMember, float[]> without)
    {
        var hazard = model.Hazard;
        var (partOf, groups) = (new int[layout.Layout.Width], hazard.Groups.Length);
        for (var c = 0; c < partOf.Length; c++)
        {
            var column = layout.Layout.Columns[c];
            partOf[c] = layout.SourceOf[c] < 0 ? DriverReason.TopicCount + groups
                : column.Part is EvidencePart.Mechanism or EvidencePart.Universal
                    ? (int)ExplanationPlan.TopicOf(column.Name[(column.Name.IndexOf('|') + 1)..]) : DriverReason.TopicCount + hazard.ColumnGroup[c];
        }
        var shares = new double[DriverReason.TopicCount + groups + 1];
        hazard.Contributions(evidence, model.Neutral.AsSpan(), partOf, shares);
        var watched = members.Where(m => m.Ticks != long.MinValue && m.State == MemberState.Watched).ToList();
        var others = watched.Count > MostTried ? [] : watched.Select(m => (Member: m, Evidence: Without(m))).ToList();
        var (reasons, all) = (new List<CompositeReason>(), evidence.ToArray());
        for (var p = 0; p < shares.Length; p++)
        {
            if (shares[p] == 0) continue;
            var group = layout.Layout.Columns[Array.IndexOf(partOf, p)].Group;
            reasons.Add(p == shares.Length - 1 ? new CompositeReason(group, shares[p], null) { Text = Members(layout, all) }
                : new CompositeReason(group, shares[p], Leader(p)) { Topic = p < DriverReason.TopicCount ? (DriverTopic)p : null });
        }
        return reasons;

        float[] Without(CompositeMember member)
        {
            var target = new float[layout.Layout.Width];
            without(member, target);
            return target;
        }

        string? Leader(int part)
        {
            var tried = others.Count > 0 ? others : [.. Highest(part).Select(m => (m, Without(m)))];
            var (changed, probability) = (new float[all.Length], new double[hazard.Horizons.Length]);
            var (least, leader) = (double.PositiveInfinity, (string?)null);
            foreach (var (member, other) in tried)
            {
                for (var c = 0; c < all.Length; c++) changed[c] = partOf[c] == part ? other[c] : all[c];
                hazard.Predict(changed, probability);
                if (probability[^1] < least) (least, leader) = (probability[^1], member.Asset);
            }
            return leader;
        }

        IEnumerable<CompositeMember> Highest(int part) => Enumerable.Range(0, layout.Sources.Length)
            .Where(s => Enumerable.Range(0, partOf.Length).Any(c => partOf[c] == part && layout.SourceOf[c] == layout.Sources[s]))
            .Select(s => watched.Where(m => !float.IsNaN(m.Evidence[s])).MaxBy(m => m.Evidence[s])).OfType<CompositeMember>().Distinct();
    }

    private static string Members(CompositeEvidence layout, float[] evidence)
    {
        var (missing, stale, failed, count) = layout.MembersIn(evidence);
        return failed > 0 ? Text(failed, "failed") : stale > 0 ? Text(stale, "stale") : missing > 0 ? Text(missing, "missing") : "";

        string Text(int some, string what) => string.Create(CultureInfo.InvariantCulture, $"{some} of {count} {(count == 1 ? "member" : "members")} {what}");
    }
}
