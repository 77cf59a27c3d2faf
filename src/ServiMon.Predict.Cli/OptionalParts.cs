using System.Collections.Immutable;
using ServiMon.Predict.Cli.Configuration;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
#if FULL
using ServiMon.Predict.Storage.Cassandra;
using ServiMon.Predict.Storage.Cassandra.Mapping;
using ServiMon.Predict.TimeSeries;
#endif

namespace ServiMon.Predict.Cli;

/// <summary>
/// What the full build (<c>-p:Full=true</c>) has and the embedded build has not: the stores on Cassandra, and ML.NET's own time series
/// engine. The one place in the code that knows of the two builds.
/// </summary>
internal static class OptionalParts
{
#if FULL
    public static async Task<IStore> OpenCassandraAsync(ImmutableDictionary<string, OptionText> section, CancellationToken stop) =>
        await CassandraStore.OpenAsync(CassandraOptionsReader.Read(section), ct: stop);

    public static void CheckCassandra(ImmutableDictionary<string, OptionText> section) => CassandraOptionsReader.Read(section);

    /// <summary>A detector of one series; row by row, as <see cref="SeriesDetector"/>.</summary>
    public static Func<long, double, DetectionRow> MlNetDetector() => new MlNetDetector().Observe;

    /// <summary>The next steps of one series, and the seasons that were found.</summary>
    public static (Forecast Forecast, IReadOnlyList<int> Seasons) MlNetForecast(long[] ticks, double[] values, int horizon, double level) =>
        MlNetForecaster.Forecast(ticks, values, horizon, level);

    /// <summary>A history of what ML.NET's detectors say of each metric instead of the metrics themselves, and the profile for it.</summary>
    public static (Profile Profile, FleetHistory History) MlNetScores(Profile profile, FleetHistory history, CancellationToken stop) =>
        Predict.TimeSeries.MlNetScores.Of(profile, history, stop);

    /// <summary>Copies what a mapping finds in a table of the user's within [from, to) to <paramref name="append"/>, asset after asset.</summary>
    /// <param name="progress">Told the asset and the share of assets that are done.</param>
    public static async Task CopyMappedAsync(
        ImmutableDictionary<string, OptionText> section, DateTimeOffset from, DateTimeOffset to, Func<AssetRows, Task> append, Action<string, double> progress, CancellationToken stop)
    {
        var problems = new InputProblems();
        var options = problems.Try(() => CassandraOptionsReader.Read(section));
        var mapping = problems.Try(() => MappingOptions.Read(CassandraOptionsReader.MappingTexts(section)));
        problems.ThrowIfAny();
        using var table = await MappedTable.OpenAsync(options!, mapping!, stop);
        var assets = await table.ListAssetsAsync(stop);
        for (var a = 0; a < assets.Count; a++)
        {
            progress(assets[a], a / (double)assets.Count);
            await foreach (var rows in table.ReadAsync(assets[a], from, to, stop)) await append(rows);
        }
    }
#else
    public static Task<IStore> OpenCassandraAsync(ImmutableDictionary<string, OptionText> section, CancellationToken stop) => throw Missing("store.kind cassandra");

    public static void CheckCassandra(ImmutableDictionary<string, OptionText> section) => throw Missing("store.kind cassandra");

    public static Func<long, double, DetectionRow> MlNetDetector() => throw Missing(MlNet);

    public static (Forecast Forecast, IReadOnlyList<int> Seasons) MlNetForecast(long[] ticks, double[] values, int horizon, double level) => throw Missing(MlNet);

    public static (Profile Profile, FleetHistory History) MlNetScores(Profile profile, FleetHistory history, CancellationToken stop) => throw Missing(MlNet);

    public static Task CopyMappedAsync(
        ImmutableDictionary<string, OptionText> section, DateTimeOffset from, DateTimeOffset to, Func<AssetRows, Task> append, Action<string, double> progress, CancellationToken stop) =>
        throw Missing("import cassandra");

    private const string MlNet = "engine mlnet";

    private static InputException Missing(string what) =>
        new(what, "this is the embedded build, which has no such thing; make the full build: dotnet publish src/ServiMon.Predict.Cli -c Release -p:Full=true");
#endif
}
