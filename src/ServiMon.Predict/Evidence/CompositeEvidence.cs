using System.Collections.Immutable;

namespace ServiMon.Predict.Evidence;

/// <summary>What a member says of itself with its newest row.</summary>
public enum MemberState { Watched, WarmingUp, Stale, Incident, Maintenance }

/// <summary>
/// How the evidence of all members becomes that of their composite: of each column of theirs the highest, the second highest and the mean, of metrics the lowest
/// too, and what share of them is missing, stale or failed. The width does not depend on how many members there are. Immutable; one for all
/// composites of a profile.
/// </summary>
public sealed class CompositeEvidence
{
    /// <summary>Features of single metrics that are told of composites: where a metric is, and how far from its asset's own baseline.</summary>
    private static readonly string[] MetricFeatures = ["mean_fast", "baseline_score"];

    /// <summary>Columns that tell of the members themselves, in this order among the mechanisms.</summary>
    private static readonly string[] Shares = [MembersPrefix + "missing", MembersPrefix + "stale", MembersPrefix + "failed", MembersPrefix + "silent_run"];

    private const string MembersPrefix = "members|";

    private readonly ImmutableArray<(Statistic Statistic, int Source)> _columns;

    public CompositeEvidence(EvidenceModel members)
    {
        var layout = members.Layout.Columns;
        Sources = [.. Enumerable.Range(0, layout.Length).Where(c => layout[c].Part switch
        {
            EvidencePart.Mechanism or EvidencePart.Universal => true,
            EvidencePart.Group => layout[c].Name == AgeColumn || layout[c].Name.EndsWith("|anomaly", StringComparison.Ordinal),
            _ => MetricFeatures.Contains(layout[c].Name[(layout[c].Name.LastIndexOf('|') + 1)..]),
        })];
        var columns = new List<(EvidenceColumn Column, (Statistic, int) From)>();
        Add(EvidencePart.Mechanism, EvidencePart.Mechanism, Statistic.Highest, Statistic.Mean);
        var shares = columns.Count;
        var group = members.Profile.Groups.Contains("structural_state") ? "structural_state" : members.Profile.Groups[0];
        foreach (var share in Shares) columns.Add((new(share, EvidencePart.Mechanism, group, -1), default));
        Add(EvidencePart.Mechanism, EvidencePart.Universal, Statistic.Second);
        Add(EvidencePart.Universal, EvidencePart.Universal, Statistic.Highest, Statistic.Second, Statistic.Mean);
        CountColumn = columns.Count;
        columns.Add((new(MembersPrefix + "count", EvidencePart.Universal, group, -1), default));
        columns.Add((new(MembersPrefix + "levels", EvidencePart.Universal, group, -1), default));
        Add(EvidencePart.Group, EvidencePart.Group, Statistic.Highest, Statistic.Second, Statistic.Mean);
        Add(EvidencePart.Metric, EvidencePart.Metric, Statistic.Highest, Statistic.Lowest, Statistic.Mean);
        Layout = new EvidenceLayout([.. columns.Select(c => c.Column)]);
        _columns = [.. columns.Select(c => c.From)];
        ShareStart = shares;
        SourceOf = [.. _columns.Select((c, i) => IsOfMembers(i) ? -1 : Sources[c.Source])];
        AnomalyColumn = Layout.Columns.Select(c => c.Name).ToList().IndexOf($"{Text(Statistic.Highest)}|{UniversalEvidence.AnomalyColumn}");

        void Add(EvidencePart from, EvidencePart to, params ReadOnlySpan<Statistic> statistics)
        {
            foreach (var statistic in statistics)
                for (var s = 0; s < Sources.Length; s++)
                    if (layout[Sources[s]] is var source && source.Part == from)
                        columns.Add((source with { Name = $"{Text(statistic)}|{source.Name}", Part = to }, (statistic, s)));
        }
    }

    public EvidenceLayout Layout { get; }

    /// <summary>The columns of a member's evidence that are read.</summary>
    public ImmutableArray<int> Sources { get; }

    /// <summary>For each column of <see cref="Layout"/> the column of the members' evidence that it is made of, -1 where it tells of the members themselves.</summary>
    public ImmutableArray<int> SourceOf { get; }

    /// <summary>Index in <see cref="Layout"/> of the column by which unusual evidence is ranked where no failure has been learned from.</summary>
    public int AnomalyColumn { get; }

    private const string AgeColumn = "age";

    private int ShareStart { get; }

    private int CountColumn { get; }

    /// <summary>Evidence of an asset as if it were a composite of itself alone.</summary>
    /// <param name="target">The first columns of <see cref="Layout"/>.</param>
    public void WriteSingle(ReadOnlySpan<float> member, Span<float> target)
    {
        for (var c = 0; c < target.Length; c++)
            target[c] = IsOfMembers(c) ? 0 : _columns[c].Statistic == Statistic.Second ? float.NaN : member[SourceOf[c]];
    }

    /// <param name="summary">Of all members that are watched.</param>
    /// <param name="shares">Missing, stale and failed members as shares of all, and the steps for which the most silent one has been.</param>
    /// <param name="count">Members.</param>
    /// <param name="levels">Segments by which the path of the farthest member is longer than the composite's: telescopes and arrays of them are not one kind.</param>
    internal void Write(MemberSummary summary, (float Missing, float Stale, float Failed, float SilentSteps) shares, int count, int levels, Span<float> target)
    {
        for (var c = 0; c < _columns.Length; c++)
            if (!IsOfMembers(c)) target[c] = summary.Get(_columns[c].Statistic, _columns[c].Source);
        target[ShareStart] = shares.Missing;
        target[ShareStart + 1] = shares.Stale;
        target[ShareStart + 2] = shares.Failed;
        target[ShareStart + 3] = MathF.Log(1 + shares.SilentSteps);
        target[CountColumn] = MathF.Log(count);
        target[CountColumn + 1] = levels;
    }

    /// <summary>How many members are missing, stale and failed, of how many.</summary>
    internal (int Missing, int Stale, int Failed, int Count) MembersIn(ReadOnlySpan<float> evidence)
    {
        var count = MathF.Round(MathF.Exp(evidence[CountColumn]));
        return (Of(evidence[ShareStart]), Of(evidence[ShareStart + 1]), Of(evidence[ShareStart + 2]), (int)count);

        int Of(float share) => (int)MathF.Round(share * count);
    }

    private bool IsOfMembers(int column) => column == CountColumn || column == CountColumn + 1 || (column >= ShareStart && column < ShareStart + Shares.Length);

    private static string Text(Statistic statistic) => statistic switch
    {
        Statistic.Highest => "highest",
        Statistic.Second => "second",
        Statistic.Lowest => "lowest",
        _ => "mean",
    };
}

/// <summary>What is kept of a column over the members.</summary>
internal enum Statistic { Highest, Second, Lowest, Mean }

/// <summary>Gathers columns over members: NaN counts for nothing.</summary>
internal sealed class MemberSummary(int width)
{
    private readonly float[] _highest = new float[width];
    private readonly float[] _second = new float[width];
    private readonly float[] _lowest = new float[width];
    private readonly double[] _sum = new double[width];
    private readonly int[] _count = new int[width];

    public void Clear()
    {
        Array.Fill(_highest, float.NaN);
        Array.Fill(_second, float.NaN);
        Array.Fill(_lowest, float.NaN);
        Array.Clear(_sum);
        Array.Clear(_count);
    }

    /// <param name="values">A member's, of the columns read.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        for (var s = 0; s < values.Length; s++)
        {
            var value = values[s];
            if (float.IsNaN(value)) continue;
            _count[s]++;
            _sum[s] += value;
            if (!(value >= _lowest[s])) _lowest[s] = value;
            if (!(value <= _highest[s])) (_second[s], _highest[s]) = (_highest[s], value);
            else if (!(value <= _second[s])) _second[s] = value;
        }
    }

    public float Get(Statistic statistic, int source) => statistic switch
    {
        Statistic.Highest => _highest[source],
        Statistic.Second => _second[source],
        Statistic.Lowest => _lowest[source],
        _ => _count[source] == 0 ? float.NaN : (float)(_sum[source] / _count[source]),
    };
}
