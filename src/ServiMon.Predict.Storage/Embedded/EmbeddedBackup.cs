using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>What a backup holds.</summary>
/// <param name="Bytes">Of all its files.</param>
public sealed record BackupReport(string Folder, long Bytes, int ModelCount);

/// <summary>Copies of the embedded store, made while it is in use, and their way back.</summary>
public static class EmbeddedBackup
{
    private const string Bundles = "models";

    /// <summary>
    /// Puts a backup in the place of a store, once every page and every bundle of it was found whole. The folder appears only then.
    /// </summary>
    /// <param name="backup">Folder that <see cref="EmbeddedStore.BackupAsync"/> made; it stays as it is.</param>
    /// <param name="store">Folder of the new store, which must not hold one.</param>
    /// <exception cref="InputException">When the backup is none or of a newer version, or there is a store already.</exception>
    /// <exception cref="StoreException">When the backup is damaged.</exception>
    public static BackupReport Restore(string backup, string store)
    {
        var database = Path.Combine(backup, EmbeddedStore.FileName);
        if (!File.Exists(database)) throw new InputException(backup, $"is no backup: there is no {EmbeddedStore.FileName} in it");
        if (File.Exists(Path.Combine(store, EmbeddedStore.FileName)))
            throw new InputException(store, "holds a store already; move it away first, or restore to another --store");
        var staged = Stage(store);
        try
        {
            Directory.CreateDirectory(Path.Combine(staged, Bundles));
            File.Copy(database, Path.Combine(staged, EmbeddedStore.FileName));
            foreach (var bundle in Directory.Exists(Path.Combine(backup, Bundles)) ? Directory.GetFiles(Path.Combine(backup, Bundles)) : [])
                File.Copy(bundle, Path.Combine(staged, Bundles, Path.GetFileName(bundle)));
            Check(staged, backup);
            var models = CheckBundles(staged, backup);
            return Settle(staged, store, models);
        }
        finally
        {
            if (Directory.Exists(staged)) Directory.Delete(staged, recursive: true);
        }
    }

    internal static async Task<BackupReport> WriteAsync(SqliteFile file, IModelRegistry models, string store, string folder, CancellationToken ct)
    {
        if (Path.Exists(folder)) throw new InputException(folder, "is there already; a backup needs a folder of its own");
        var staged = Stage(folder);
        try
        {
            Directory.CreateDirectory(Path.Combine(staged, Bundles));
            await file.CopyIntoAsync(Path.Combine(staged, EmbeddedStore.FileName), ct).ConfigureAwait(false);
            // Bundles never change and are never removed: those that the copy names are there.
            var ids = ModelsIn(staged);
            foreach (var (id, _) in ids)
            {
                await models.ReadBundleAsync(id, ct).ConfigureAwait(false);
                File.Copy(EmbeddedModels.BundlePath(Path.Combine(store, Bundles), id), EmbeddedModels.BundlePath(Path.Combine(staged, Bundles), id));
            }
            return Settle(staged, folder, ids.Count);
        }
        finally
        {
            if (Directory.Exists(staged)) Directory.Delete(staged, recursive: true);
        }
    }

    private static string Stage(string folder)
    {
        var staged = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(staged);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(folder, $"cannot be written: {e.Message}");
        }
        return staged;
    }

    /// <summary>Flushes every file, then moves the folder, or its files when the target is a folder without a store.</summary>
    private static BackupReport Settle(string staged, string folder, int models)
    {
        long bytes = 0;
        foreach (var path in Directory.GetFiles(staged, "*", SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
            bytes += file.Length;
        }
        if (!Directory.Exists(folder)) Directory.Move(staged, folder);
        else
        {
            Directory.CreateDirectory(Path.Combine(folder, Bundles));
            foreach (var bundle in Directory.GetFiles(Path.Combine(staged, Bundles)))
                File.Move(bundle, Path.Combine(folder, Bundles, Path.GetFileName(bundle)), overwrite: true);
            File.Move(Path.Combine(staged, EmbeddedStore.FileName), Path.Combine(folder, EmbeddedStore.FileName));
        }
        return new BackupReport(folder, bytes, models);
    }

    private static void Check(string staged, string backup)
    {
        var path = Path.Combine(staged, EmbeddedStore.FileName);
        try
        {
            using var connection = Connect(path);
            if (Scalar(connection, "PRAGMA application_id") is not long id || id != Schema.ApplicationId)
                throw new InputException(backup, "is no backup of a store: its database is another program's");
            if (Scalar(connection, "PRAGMA user_version") is long version && version > Schema.Version)
                throw new InputException(backup, $"is a store of version {version}; this program reads versions 1 to {Schema.Version}");
            if (Scalar(connection, "PRAGMA integrity_check(1)") is not "ok" and var found)
                throw new StoreException(StoreFault.Damaged, $"{backup}: the backup is damaged: {found}");
        }
        catch (SqliteException e)
        {
            throw new StoreException(StoreFault.Damaged, $"{backup}: the backup is damaged: {e.Message}", e);
        }
    }

    private static int CheckBundles(string staged, string backup)
    {
        var ids = ModelsIn(staged);
        foreach (var (id, sha256) in ids)
        {
            var path = EmbeddedModels.BundlePath(Path.Combine(staged, Bundles), id);
            if (!File.Exists(path)) throw new StoreException(StoreFault.Damaged, $"{backup}: the backup is damaged: the bundle of model {id} is missing");
            using var file = File.OpenRead(path);
            if (Convert.ToHexStringLower(SHA256.HashData(file)) != sha256)
                throw new StoreException(StoreFault.Damaged, $"{backup}: the backup is damaged: the bundle of model {id} is not the one that was added");
        }
        return ids.Count;
    }

    private static List<(string Id, string Sha256)> ModelsIn(string folder)
    {
        using var connection = Connect(Path.Combine(folder, EmbeddedStore.FileName));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, sha256 FROM model ORDER BY id";
        using var reader = command.ExecuteReader();
        var ids = new List<(string, string)>();
        while (reader.Read()) ids.Add((reader.GetString(0), reader.GetString(1)));
        return ids;
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
