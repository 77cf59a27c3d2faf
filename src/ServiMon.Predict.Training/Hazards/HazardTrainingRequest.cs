using System.Collections.Immutable;
using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>What hazards are fitted on.</summary>
public sealed record HazardTrainingRequest
{
    /// <summary>Evidence of the fleet that is predicted for.</summary>
    public required EvidenceTable Own { get; init; }

    /// <summary>The layout of <see cref="Own"/>.</summary>
    public required EvidenceLayout Layout { get; init; }

    /// <summary>Evidence of other fleets: only the universal columns are used, the first of every layout.</summary>
    public IReadOnlyList<EvidenceTable> Pooled { get; init; } = [];

    /// <summary>Ascending.</summary>
    public required ImmutableArray<TimeSpan> Horizons { get; init; }

    /// <summary>Spacing of the grid of <see cref="Own"/>: a row of weight w stands for w steps of exposure.</summary>
    public required TimeSpan Step { get; init; }

    /// <summary>Failure rate per asset and year that is believed before any data; null for half a failure in one longest horizon.</summary>
    public double? PriorFailuresPerYear { get; init; }

    /// <summary>The evidence column with the grouped anomaly level (higher = more unusual), for models without failures; null for none.</summary>
    public int? AnomalyColumn { get; init; }

    /// <summary>Seed of every random choice: folds and the trees' columns.</summary>
    public int Seed { get; init; }

    public HazardOptions Options { get; init; } = new();

    /// <exception cref="ArgumentException">When the parts do not fit together.</exception>
    internal void Check()
    {
        Options.Check();
        Require(Own.Width == Layout.Width, $"the table has {Own.Width} columns, the layout {Layout.Width}");
        Require(Step > TimeSpan.Zero, $"the step is {Step}, expected above zero");
        Require(Horizons.Length > 0, "there is no horizon");
        for (var j = 0; j < Horizons.Length; j++)
            Require(Horizons[j] > (j == 0 ? TimeSpan.Zero : Horizons[j - 1]), $"horizon {j} is {Horizons[j]}, expected ascending and above zero");
        Require(
            AnomalyColumn is not int column || (column >= 0 && column < Layout.Width),
            $"the anomaly column is {AnomalyColumn}, expected 0 to {Layout.Width - 1}");
        Require(
            PriorFailuresPerYear is not double rate || (rate > 0 && double.IsFinite(rate)),
            $"the prior is {PriorFailuresPerYear} failures a year, expected above 0");
        foreach (var table in Pooled.Prepend(Own))
        {
            var n = table.Count;
            Require(table.Width >= Layout.UniversalCount, $"a table has {table.Width} columns, fewer than the {Layout.UniversalCount} universal ones");
            Require(
                table.Values.Length == (long)n * table.Width && table.Ticks.Length == n && table.SecondsToIncident.Length == n
                && table.SecondsObserved.Length == n && table.Incident.Length == n && table.Weight.Length == n,
                "the arrays of a table differ in length");
        }
    }

    private static void Require(bool good, FormattableString what)
    {
        if (!good) throw new ArgumentException(FormattableString.Invariant(what));
    }

    private static void Require(bool good, string what)
    {
        if (!good) throw new ArgumentException(what);
    }
}
