namespace ServiMon.Predict.Training.Bundles;

internal static class ZipTime
{
    /// <summary>The time of every entry we write: the first that the zip format can hold, so that equal contents give equal bytes.</summary>
    public static readonly DateTimeOffset Fixed = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
