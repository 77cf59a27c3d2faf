using System.Text.Json;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>What the detections of one profile of the Numenta Anomaly Benchmark gain and cost.</summary>
internal sealed record NabProfile(string Name, double TruePositive, double FalsePositive, double FalseNegative);

/// <summary>The Numenta Anomaly Benchmark as its repository lays it out: data, labelled windows, profiles.</summary>
internal sealed class NabCorpus
{
    private NabCorpus(IReadOnlyList<NabSeries> series, IReadOnlyList<NabProfile> profiles) => (Series, Profiles) = (series, profiles);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<NabSeries> Series { get; }

    public IReadOnlyList<NabProfile> Profiles { get; }

    /// <param name="progress">Told the share that has been read.</param>
    /// <exception cref="InputException">With every file that is missing or cannot be read.</exception>
    public static NabCorpus Read(string folder, Action<double> progress)
    {
        var problems = new List<Problem>();
        var windows = Json(Path.Combine(folder, "labels", "combined_windows.json"), problems);
        var matrices = Json(Path.Combine(folder, "config", "profiles.json"), problems);
        if (problems.Count > 0) throw new InputException(problems);
        var series = new List<NabSeries>();
        var named = windows.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
        foreach (var labelled in named)
        {
            progress(series.Count / (double)named.Length);
            var path = Path.Combine(folder, "data", labelled.Name);
            if (!File.Exists(path))
            {
                problems.Add(new Problem(path, "is not there, but has labels"));
                continue;
            }

            series.Add(new NabSeries(BenchmarkSeries.Read(path, labelled.Name, problems), [.. labelled.Value.EnumerateArray().Select(w => Window(w, labelled.Name, problems))]));
        }

        if (problems.Count > 0) throw new InputException(problems);
        return new NabCorpus(series, [.. matrices.EnumerateObject().Select(Profile)]);
    }

    private static NabProfile Profile(JsonProperty profile)
    {
        var matrix = profile.Value.GetProperty("CostMatrix");
        return new NabProfile(
            profile.Name, matrix.GetProperty("tpWeight").GetDouble(), matrix.GetProperty("fpWeight").GetDouble(), matrix.GetProperty("fnWeight").GetDouble());
    }

    private static (long, long) Window(JsonElement window, string name, List<Problem> problems)
    {
        if (BenchmarkSeries.TryTime(window[0].GetString()!, out var first) && BenchmarkSeries.TryTime(window[1].GetString()!, out var last)) return (first, last);
        problems.Add(new Problem("labels/combined_windows.json", $"the window {window} of {name} is no pair of times"));
        return default;
    }

    private static JsonElement Json(string path, List<Problem> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            problems.Add(new Problem(path, $"cannot be read: {e.Message}"));
            return default;
        }
    }
}
