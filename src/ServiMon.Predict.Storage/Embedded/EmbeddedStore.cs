namespace ServiMon.Predict.Storage.Embedded;

/// <summary>How the embedded store works.</summary>
public sealed record EmbeddedStoreOptions
{
    /// <summary>How long a write waits for another process's write. Default 30 s, range 1 s to 1 h, in whole seconds.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes that the database file may take; null (the default) for what the disk holds. At least 1 MB.</summary>
    public long? MaximumBytes { get; init; }
}

/// <summary>
/// All stores in one folder: <c>servimon.db</c> (SQLite in WAL mode) and <c>models/</c>. Several processes may have it open; one
/// writes at a time, readers never wait. Safe to use from several threads. Layout: docs/formats/embedded-store.md.
/// </summary>
public sealed class EmbeddedStore : IStore
{
    public const string FileName = "servimon.db";

    private readonly SqliteFile _file;

    private EmbeddedStore(string folder, SqliteFile file, TimeProvider time)
    {
        Folder = folder;
        _file = file;
        History = new EmbeddedHistory(file);
        Incidents = new EmbeddedIncidents(file);
        Models = new EmbeddedModels(file, Path.Combine(folder, "models"), time);
        Log = new EmbeddedLog(file);
    }

    public string Folder { get; }

    public string Place => Folder;

    public IHistoryStore History { get; }

    public IIncidentStore Incidents { get; }

    public IModelRegistry Models { get; }

    public ILogStore Log { get; }

    /// <summary>Opens the store in a folder, which is made when it is not there; an older version is brought to the present one.</summary>
    /// <exception cref="InputException">When the file is no store or of a newer version: names file, version found and versions supported.</exception>
    /// <exception cref="StoreException">When it is locked, full, or cannot be opened.</exception>
    public static EmbeddedStore Open(string folder, EmbeddedStoreOptions? options = null, TimeProvider? time = null)
    {
        options ??= new EmbeddedStoreOptions();
        if (options.LockWait < TimeSpan.FromSeconds(1) || options.LockWait > TimeSpan.FromHours(1))
            throw new ArgumentOutOfRangeException(nameof(options), options.LockWait, "LockWait is from 1 s to 1 h");
        if (options.MaximumBytes < 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumBytes, "MaximumBytes is at least 1,000,000");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(folder, $"is no folder for a store: {e.Message}");
        }
        return new EmbeddedStore(folder, SqliteFile.Open(Path.Combine(folder, FileName), options), time ?? TimeProvider.System);
    }

    /// <summary>
    /// Copies the store as of one moment into a folder, which appears only when it is whole. Readers and writers, of other processes too, go on
    /// meanwhile. The copy is a store itself: <see cref="EmbeddedBackup.Restore"/> checks it and puts it in place.
    /// </summary>
    /// <exception cref="InputException">When the folder is there already.</exception>
    /// <exception cref="StoreException">When a bundle is not what was added, or the disk is full.</exception>
    public Task<BackupReport> BackupAsync(string folder, CancellationToken ct = default) => EmbeddedBackup.WriteAsync(_file, Models, Folder, folder, ct);

    public void Dispose() => _file.Dispose();
}
