namespace ServiMon.Predict.Cli.Terminal;

/// <summary>How this program is called from where the user is, for examples that can be copied.</summary>
internal static class OwnCommand
{
    public static string Text { get; } = For(Environment.ProcessPath, AppContext.BaseDirectory, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH"));

    /// <param name="process">The executable that runs: servimon itself, or dotnet.</param>
    /// <param name="own">Folder of the program's files.</param>
    internal static string For(string? process, string own, string current, string? path)
    {
        const string name = "servimon";
        if (Path.GetFileNameWithoutExtension(process) != name) return $"dotnet {Near(Path.Combine(own, $"{name}.dll"), current)}";
        var folder = Path.GetDirectoryName(process)!;
        var isOnPath = (path ?? "").Split(Path.PathSeparator).Any(p => p.Length > 0 && Path.TrimEndingDirectorySeparator(p) == folder);
        return isOnPath ? name : Near(process!, current);
    }

    private static string Near(string file, string current)
    {
        var relative = Path.GetRelativePath(current, file);
        return relative.StartsWith("..", StringComparison.Ordinal) ? file : relative.Contains(Path.DirectorySeparatorChar) ? relative : Path.Combine(".", relative);
    }
}
