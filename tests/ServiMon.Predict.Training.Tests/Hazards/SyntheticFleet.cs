using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Tests.Hazards;

/// <summary>
/// Assets that each fail at a constant rate exp(intercept + slope * x), x hidden in the first column: the true probability of every row and
/// horizon is known. All other columns are noise. Step 60 s. The watch over every asset ends at the same time, failed or not, so that is
/// how long its outcome is known.
/// </summary>
internal sealed record SyntheticFleet
{
    public const double StepSeconds = 60;

    public static readonly ImmutableArray<TimeSpan> Horizons = [TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60)];

    public int Assets { get; init; } = 200;

    public int MaximumRows { get; init; } = 100;

    public int Universal { get; init; } = 6;

    public int Others { get; init; }

    public double Slope { get; init; } = 1.2;

    /// <summary>Logarithm of failures a second at x = 0.</summary>
    public double Intercept { get; init; } = Math.Log(1.0 / 20000);

    public double MissingShare { get; init; } = 0.05;

    public int Seed { get; init; } = 1;

    public EvidenceLayout Layout => new([.. Enumerable.Range(0, Universal + Others).Select(c => new EvidenceColumn(
        $"c{c}", c < Universal ? EvidencePart.Universal : EvidencePart.Metric, c == 0 ? "pressure" : c % 2 == 0 ? "network" : "latency", c < Universal ? -1 : c))]);

    /// <summary>The table and, for each row, the true rate of failures a second.</summary>
    public (EvidenceTable Table, double[] Rate) Draw()
    {
        var random = new Random(Seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        List<float> values = [];
        List<int> asset = [], incident = [];
        List<long> ticks = [];
        List<double> toIncident = [], observed = [], rate = [];
        var incidents = 0;
        for (var a = 0; a < Assets; a++)
        {
            var x = Normal();
            var r = Math.Exp(Intercept + Slope * x);
            var life = -Math.Log(1 - random.NextDouble()) / r;
            var end = MaximumRows * StepSeconds;
            var fails = life <= end;
            for (var i = 0; i * StepSeconds < Math.Min(life, end); i++)
            {
                for (var c = 0; c < Universal + Others; c++)
                    values.Add(random.NextDouble() < MissingShare && c > 0 ? float.NaN : (float)(c == 0 ? x : Normal()));
                asset.Add(a);
                ticks.Add(TimeSpan.FromSeconds(i * StepSeconds).Ticks);
                toIncident.Add(fails ? life - i * StepSeconds : double.PositiveInfinity);
                observed.Add(end - i * StepSeconds);
                incident.Add(fails ? incidents : -1);
                rate.Add(r);
            }
            if (fails) incidents++;
        }
        return (new EvidenceTable
        {
            Width = Universal + Others,
            Values = [.. values],
            Asset = [.. asset],
            AssetCount = Assets,
            Ticks = [.. ticks],
            SecondsToIncident = [.. toIncident],
            SecondsObserved = [.. observed],
            Incident = [.. incident],
            IncidentCount = incidents,
            Weight = [.. Enumerable.Repeat(1f, asset.Count)],
        }, [.. rate]);
    }

    public HazardTrainingRequest Request(EvidenceTable own, params EvidenceTable[] pooled) => new()
    {
        Own = own,
        Layout = Layout,
        Pooled = pooled,
        Horizons = Horizons,
        Step = TimeSpan.FromSeconds(StepSeconds),
        Seed = 7,
    };

    /// <summary>Chosen rows of a table, their weights multiplied.</summary>
    public static EvidenceTable Sample(EvidenceTable table, Func<int, bool> wanted, Func<int, float> weight)
    {
        var rows = Enumerable.Range(0, table.Count).Where(wanted).ToArray();
        T[] Pick<T>(T[] from) => [.. rows.Select(r => from[r])];
        return new EvidenceTable
        {
            Width = table.Width,
            Values = [.. rows.SelectMany(r => table.Row(r).ToArray())],
            Asset = Pick(table.Asset),
            AssetCount = table.AssetCount,
            Ticks = Pick(table.Ticks),
            SecondsToIncident = Pick(table.SecondsToIncident),
            SecondsObserved = Pick(table.SecondsObserved),
            Incident = Pick(table.Incident),
            IncidentCount = table.IncidentCount,
            Weight = [.. rows.Select(r => table.Weight[r] * weight(r))],
        };
    }

    /// <summary>Mean predicted and mean true probability at one horizon over all rows, and the mean absolute difference.</summary>
    public static (double Predicted, double True, double Error) Compare(HazardModel model, EvidenceTable table, double[] rate, int horizon)
    {
        var p = new double[Horizons.Length];
        double predicted = 0, truth = 0, error = 0;
        for (var r = 0; r < table.Count; r++)
        {
            model.Predict(table.Row(r), p);
            var t = 1 - Math.Exp(-rate[r] * Horizons[horizon].TotalSeconds);
            predicted += p[horizon];
            truth += t;
            error += Math.Abs(p[horizon] - t);
        }
        return (predicted / table.Count, truth / table.Count, error / table.Count);
    }
}
