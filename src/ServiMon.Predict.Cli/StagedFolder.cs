namespace ServiMon.Predict.Cli;

/// <summary>
/// An output folder whose files appear together, when all are whole. Until <see cref="Commit"/> they stand in a hidden folder inside;
/// without it everything that was made is removed again.
/// </summary>
internal sealed class StagedFolder : IDisposable
{
    private readonly string _target;
    private readonly string _staging;
    private readonly List<string> _made = [];

    /// <param name="option">The option that named the folder, for the message when it is no folder.</param>
    /// <exception cref="InputException">The path is a file.</exception>
    public StagedFolder(string path, string option)
    {
        _target = Path.GetFullPath(path);
        if (File.Exists(_target)) throw new InputException(option, $"{path} is a file, not a folder");
        for (var folder = _target; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)) _made.Add(folder);
        _staging = Path.Combine(_target, $".servimon-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(_staging);
        }
        catch
        {
            RemoveMade();
            throw;
        }
    }

    /// <summary>Where to write a file that will be <paramref name="name"/> (which may hold folders) in the output folder.</summary>
    /// <exception cref="IOException">A folder of that name is in the way.</exception>
    public string PathOf(string name)
    {
        if (Directory.Exists(Path.Combine(_target, name)))
            throw new IOException($"{Path.Combine(_target, name)} is a folder: no file of that name can be written");
        var path = Path.Combine(_staging, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Moves every file to its place, over one that may be there.</summary>
    public void Commit()
    {
        foreach (var file in Directory.EnumerateFiles(_staging, "*", SearchOption.AllDirectories).ToArray())
        {
            var place = Path.Combine(_target, Path.GetRelativePath(_staging, file));
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(file, place, overwrite: true);
        }
        _made.Clear();
    }

    public void Dispose()
    {
        if (Directory.Exists(_staging)) Directory.Delete(_staging, recursive: true);
        RemoveMade();
    }

    private void RemoveMade()
    {
        foreach (var folder in _made.Where(Directory.Exists))
            if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }
}
