using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>The rows that regimes are found in: values after rate and scale, evenly over assets and time, rates by the difference between neighbouring rows.</summary>
internal static class RegimeRows
{
    /// <summary>Rows wanted.</summary>
    private const int SampleRows = 5000;

    /// <summary>
    /// Of a history in a store that is longer than is read in a moment, this many assets are looked at, at so many places together, each of so many rows: a
    /// place costs a block.
    /// </summary>
    private const int ProbedAssets = 50, Probes = 1000, ProbeRows = 64;

    /// <returns>N rows of K values, and for each the number of its asset; rows of one asset stand together, in order of time.</returns>
    public static (List<double[]> Rows, List<int> AssetOf) Sample(
        Profile profile, TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until, ulong seed)
    {
        var cut = until?.UtcTicks ?? long.MaxValue;
        var chosen = fleet.Assets.Where(a => assets is null || assets.Contains(a.Asset))
            .Select(a => fleet.Before(a, cut, profile.Step)).Where(a => a.RowCount > 0).ToList();
        var total = chosen.Sum(a => a.RowCount);
        var take = new Taking(profile, fleet);
        if (total * fleet.Metrics.Count <= fleet.ValuesReadInAMoment)
            for (var a = 0; a < chosen.Count; a++) take.Add(a, chosen[a], chosen[a].First.UtcTicks, chosen[a].Last.UtcTicks + 1, Math.Max(1, total / SampleRows));
        else
            for (int p = 0, count = Math.Min(ProbedAssets, chosen.Count); p < count; p++) Probe(take, profile, chosen[(int)((long)p * chosen.Count / count)], p, Probes / count, seed);
        return (take.Rows, take.AssetOf);
    }

    /// <summary>Looks at an asset at places that lie evenly over its time, each somewhere within its share of it.</summary>
    private static void Probe(Taking take, Profile profile, AssetExtent asset, int number, int places, ulong seed)
    {
        var length = ProbeRows * profile.Step.Ticks;
        var share = Math.Max(length, (asset.Last.UtcTicks - asset.First.UtcTicks) / places);
        var salt = RowDraw.Salt(seed, asset.Asset);
        for (var place = 0; place < places; place++)
        {
            var from = asset.First.UtcTicks + place * share + (long)(RowDraw.Uniform(salt, place) * (share - length));
            take.Add(number, asset, from, Math.Min(from + length, asset.Last.UtcTicks + 1), ProbeRows * Probes / SampleRows);
        }
    }

    private sealed class Taking(Profile profile, TrainingFleet fleet)
    {
        private readonly int[] _columns = [.. profile.Metrics.Select(m => fleet.Metrics.ToList().IndexOf(m.Name))];
        private readonly double[] _before = new double[fleet.Metrics.Count];

        public List<double[]> Rows { get; } = [];

        public List<int> AssetOf { get; } = [];

        /// <summary>Every so many rows of a stretch, from its second on.</summary>
        public void Add(int number, AssetExtent asset, long from, long to, long stride)
        {
            long ticksBefore = 0, index = 0;
            foreach (var piece in fleet.Read(asset.Asset, from, to, CancellationToken.None))
                for (var row = 0; row < piece.Count; row++, index++)
                {
                    var values = piece.Row(row);
                    if (index >= 1 && (index - 1) % stride == 0)
                    {
                        var seconds = (piece.Ticks[row] - ticksBefore) / (double)TimeSpan.TicksPerSecond;
                        var sample = new double[_columns.Length];
                        for (var m = 0; m < sample.Length; m++)
                            sample[m] = _columns[m] < 0 ? double.NaN : Value(profile.Metrics[m], values[_columns[m]], _before[_columns[m]], seconds);
                        Rows.Add(sample);
                        AssetOf.Add(number);
                    }
                    values.CopyTo(_before);
                    ticksBefore = piece.Ticks[row];
                }
        }

        private static double Value(MetricSpec metric, double value, double before, double seconds)
        {
            if (metric.Kind != MetricKind.Counter) return metric.Scale * value;
            if (double.IsNaN(before) || seconds <= 0) return double.NaN;
            return metric.Scale * (value >= before ? value - before : value) / seconds;
        }
    }
}
