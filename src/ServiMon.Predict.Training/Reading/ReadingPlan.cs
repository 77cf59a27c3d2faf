using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Reading;

/// <summary>Which parts of a fleet's history are read, and with what probability each was chosen.</summary>
internal sealed class ReadingPlan
{
    /// <summary>The most of the budget that windows before incidents take.</summary>
    private const double NearPart = 2.0 / 3;

    /// <summary>Healthy stretches that are read at least, where there are as many.</summary>
    private const double LeastTiles = 50;

    /// <summary>The share of tiles is found to one part in a thousand.</summary>
    private const int Bisections = 10;

    private ReadingPlan(IReadOnlyList<AssetReading> assets, double nearShare, double farShare) => (Assets, NearShare, FarShare) = (assets, nearShare, farShare);

    /// <summary>In the order of the fleet.</summary>
    public IReadOnlyList<AssetReading> Assets { get; }

    /// <summary>The probability with which the window before an incident was chosen.</summary>
    public double NearShare { get; }

    /// <summary>The probability with which a tile was chosen.</summary>
    public double FarShare { get; }

    /// <param name="chosen">What there is of each asset.</param>
    /// <param name="mostRows">Rows up to which everything is read, and about as many of more.</param>
    public static ReadingPlan Make(
        Profile profile, IReadOnlyList<AssetExtent> chosen, IReadOnlyDictionary<string, Timeline> timelines, int nearHorizons, double mostRows, ulong seed)
    {
        var spans = ReadingSpans.Of(profile, nearHorizons);
        double all = chosen.Sum(a => a.RowCount);
        if (all <= mostRows) return Of(1, 1);
        var near = Of(1, 0).Assets.Sum(a => a.ExpectedRows);
        var nearShare = Math.Min(1, NearPart * mostRows / near);
        var tiles = chosen.Sum(a => AssetReading.TileCount(a, spans));
        // What tiles cost depends on where their lives begin, so the share is found by trying: a larger one never reads less.
        double least = Math.Min(1, LeastTiles / tiles), farShare = least;
        for (double step = (1 - least) / 2, i = 0; i < Bisections; i++, step /= 2)
            if (Of(nearShare, farShare + step).Assets.Sum(a => a.ExpectedRows) <= mostRows) farShare += step;
        return Of(nearShare, farShare);

        ReadingPlan Of(double nearShare, double farShare)
        {
            var start = RowDraw.Uniform(RowDraw.Salt(seed, "incidents"), 0);
            var number = 0L;
            return new ReadingPlan([.. chosen.Select(extent =>
            {
                var timeline = timelines[extent.Asset];
                HashSet<int>? incidents = null;
                if (nearShare < 1 || farShare < 1)
                {
                    incidents = [];
                    for (var i = 0; i < timeline.Incidents.Count; i++)
                        if (RowDraw.IsChosen(start, nearShare, number++)) incidents.Add(i);
                }
                return new AssetReading(extent, timeline, spans, profile.Step, incidents, RowDraw.Uniform(RowDraw.Salt(seed, extent.Asset), -1), farShare);
            })], nearShare, farShare);
        }
    }
}
