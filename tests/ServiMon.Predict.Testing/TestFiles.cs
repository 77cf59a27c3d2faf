namespace ServiMon.Predict.Testing;

/// <summary>Where tests find files: the repository's own, and outside data sets named by SERVIMON_TESTDATA.</summary>
public static class TestFiles
{
    public const string Variable = "SERVIMON_TESTDATA";

    public const string SkipReason = "the data set is not here: set " + Variable + " to the folder that holds it";

    /// <summary>The repository's root: the nearest folder above the test's own that holds the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The path of a file or folder in the outside data, or null when it is not on this machine.</summary>
    public static string? OutsideData(params string[] parts)
    {
        var root = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(root)) return null;
        var path = Path.Combine([root, .. parts]);
        return Path.Exists(path) ? path : null;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ServiMon.Predict.sln"))) return folder.FullName;
        throw new InvalidOperationException("no folder above the tests holds ServiMon.Predict.sln");
    }
}
