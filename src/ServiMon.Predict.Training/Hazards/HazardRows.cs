using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>The rows of all fleets under one another, the own ones first, with folds.</summary>
internal sealed class HazardRows
{
    public required int OwnCount { get; init; }

    public required int UniversalWidth { get; init; }

    /// <summary>Rows x universal columns.</summary>
    public required float[] Universal { get; init; }

    public required double[] SecondsToIncident { get; init; }

    public required double[] SecondsObserved { get; init; }

    public required float[] Weight { get; init; }

    /// <summary>Incidents numbered over all fleets, -1 for none.</summary>
    public required int[] Incident { get; init; }

    /// <summary>Assets numbered over all fleets; stretches between incidents where a fleet has one asset with incidents only.</summary>
    public required int[] Group { get; init; }

    public int Count => Weight.Length;

    public static HazardRows From(EvidenceTable own, IReadOnlyList<EvidenceTable> pooled, int universal)
    {
        var tables = pooled.Prepend(own).ToArray();
        var count = tables.Sum(t => t.Count);
        var rows = new HazardRows
        {
            OwnCount = own.Count,
            UniversalWidth = universal,
            Universal = new float[(long)count * universal],
            SecondsToIncident = new double[count],
            SecondsObserved = new double[count],
            Weight = new float[count],
            Incident = new int[count],
            Group = new int[count],
        };
        var (at, incidents, groups) = (0, 0, 0);
        foreach (var table in tables)
        {
            table.SecondsToIncident.CopyTo(rows.SecondsToIncident, at);
            table.SecondsObserved.CopyTo(rows.SecondsObserved, at);
            table.Weight.CopyTo(rows.Weight, at);
            var group = Groups(table);
            for (var r = 0; r < table.Count; r++)
            {
                table.Row(r)[..universal].CopyTo(rows.Universal.AsSpan((at + r) * universal));
                rows.Incident[at + r] = table.Incident[r] < 0 ? -1 : table.Incident[r] + incidents;
                rows.Group[at + r] = table.SharesAssets ? group[r] : group[r] + groups;
            }
            at += table.Count;
            incidents += Math.Max(table.IncidentCount, table.Incident.DefaultIfEmpty(-1).Max() + 1);
            if (!table.SharesAssets) groups += group.DefaultIfEmpty(-1).Max() + 1;
        }
        return rows;
    }

    /// <summary>Assets; or, when only one asset has incidents, its rows by the incident that follows (rows before none are a group too).</summary>
    private static int[] Groups(EvidenceTable table)
    {
        if (table.SharesAssets) return table.Asset;
        var failing = new HashSet<int>();
        for (var r = 0; r < table.Count; r++)
            if (table.Incident[r] >= 0) failing.Add(table.Asset[r]);
        if (failing.Count != 1) return table.Asset;
        var asset = failing.Single();
        var groups = new int[table.Count];
        for (var r = 0; r < table.Count; r++)
            groups[r] = table.Asset[r] != asset || table.Incident[r] < 0 ? table.Asset[r] : table.AssetCount + table.Incident[r];
        return groups;
    }
}

/// <summary>
/// The rows of one bucket (from, to]: at risk at its start, and with an outcome known up to its end. The same rule holds for positives and
/// negatives, since dropping late negatives alone would inflate the hazard.
/// </summary>
internal sealed class BucketRows
{
    public required int[] Rows { get; init; }

    public required bool[] Label { get; init; }

    public static BucketRows Select(HazardRows all, double from, double to, Func<int, bool> wanted)
    {
        var rows = new List<int>();
        var label = new List<bool>();
        for (var r = 0; r < all.Count; r++)
        {
            if (!(all.SecondsToIncident[r] > from) || !(all.SecondsObserved[r] >= to) || !wanted(r)) continue;
            rows.Add(r);
            label.Add(all.SecondsToIncident[r] <= to);
        }
        return new BucketRows { Rows = [.. rows], Label = [.. label] };
    }

    /// <summary>Those of these rows for which <paramref name="wanted"/> holds.</summary>
    public BucketRows Where(Func<int, bool> wanted)
    {
        var keep = Enumerable.Range(0, Rows.Length).Where(i => wanted(Rows[i])).ToArray();
        return new BucketRows { Rows = [.. keep.Select(i => Rows[i])], Label = [.. keep.Select(i => Label[i])] };
    }

    public float[] Weights(HazardRows all) => [.. Rows.Select(r => all.Weight[r])];

    public double PositiveWeight(HazardRows all)
    {
        var sum = 0.0;
        for (var i = 0; i < Rows.Length; i++)
            if (Label[i]) sum += all.Weight[Rows[i]];
        return sum;
    }

    public double TotalWeight(HazardRows all)
    {
        var sum = 0.0;
        foreach (var r in Rows) sum += all.Weight[r];
        return sum;
    }

    /// <summary>Distinct incidents among the positive rows.</summary>
    public int Incidents(HazardRows all)
    {
        var seen = new HashSet<int>();
        for (var i = 0; i < Rows.Length; i++)
            if (Label[i]) seen.Add(all.Incident[Rows[i]]);
        return seen.Count;
    }
}
