using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training.Reading;

/// <summary>What is read of one asset, piece by piece, with a look at what follows: two pieces are in memory at a time.</summary>
/// <param name="Following">UTC ticks of the first row of the next piece in the same stretch; <see cref="long.MaxValue"/> for none.</param>
/// <param name="SkippedTo">Where the stretch begins, when this is the first piece of one before which rows were left out; else null.</param>
internal readonly record struct PiecesAhead(AssetRows Rows, long Following, long? SkippedTo)
{
    public static IEnumerable<PiecesAhead> Of(TrainingFleet fleet, AssetReading reading, CancellationToken cancellation)
    {
        for (var s = 0; s < reading.Stretches.Count; s++)
        {
            var stretch = reading.Stretches[s];
            long? skipped = s > 0 ? stretch.From : null;
            AssetRows? held = null;
            foreach (var next in fleet.Read(reading.Extent.Asset, stretch.From, stretch.To, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                if (held is not null)
                {
                    yield return new PiecesAhead(held, next.Ticks[0], skipped);
                    skipped = null;
                }
                held = next;
            }
            if (held is not null) yield return new PiecesAhead(held, long.MaxValue, skipped);
        }
    }
}
