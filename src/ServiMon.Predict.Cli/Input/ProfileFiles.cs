using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli.Input;

/// <summary>Finds profiles: a path, else the name of a file in <c>models/</c>, here or beside the executable.</summary>
internal static class ProfileFiles
{
    private static readonly string[] Extensions = ["", ".yaml", ".yml"];

    /// <exception cref="InputException">There is no such profile, or it has errors: all of them.</exception>
    public static Profile Read(string nameOrPath, string option = "--profile")
    {
        var path = Find(nameOrPath, option);
        return ProfileReader.Parse(ReadText(path), path);
    }

    /// <summary>The names of the profiles that can be given by name, in order.</summary>
    public static IReadOnlyList<string> Names() =>
        [.. Folders().Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.y*ml"))
            .Select(f => Path.GetFileNameWithoutExtension(f)).Distinct().Order(StringComparer.Ordinal)];

    private static string Find(string nameOrPath, string option)
    {
        if (File.Exists(nameOrPath)) return nameOrPath;
        if (nameOrPath.Length > 0 && Path.GetFileName(nameOrPath) == nameOrPath)
            foreach (var folder in Folders())
                foreach (var extension in Extensions)
                    if (Path.Combine(folder, nameOrPath + extension) is var path && File.Exists(path)) return path;
        var names = Names();
        throw new InputException(option, $"'{nameOrPath}' is neither a file nor a profile in models/{Spelling.Hint(nameOrPath, names)}"
            + (names.Count > 0 ? $"; there are {string.Join(", ", names)}" : ""));
    }

    private static string[] Folders() => ["models", Path.Combine(AppContext.BaseDirectory, "models")];

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (UnauthorizedAccessException)
        {
            throw new InputException(path, "may not be read by this user");
        }
    }
}
