using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>The database file: one writing session at a time, as many reading ones as are asked for, and clear words for what fails.</summary>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>Bytes a page: a block of history is some tens of kilobytes, so fewer overflow pages than with SQLite's 4096.</summary>
    private const int PageSize = 16384;

    private readonly string _path;
    private readonly EmbeddedStoreOptions _options;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentBag<Session> _idle = [];
    private readonly Session _writer;
    private volatile bool _disposed;

    private SqliteFile(string path, EmbeddedStoreOptions options)
    {
        _path = path;
        _options = options;
        _writer = Connect();
    }

    public string Path => _path;

    /// <summary>Raised under the write gate after a transaction was rolled back, so that caches of what it wrote are dropped.</summary>
    public event Action? RolledBack;

    public static SqliteFile Open(string path, EmbeddedStoreOptions options)
    {
        SqliteFile? file = null;
        try
        {
            file = new SqliteFile(path, options);
            file.Migrate();
            return file;
        }
        catch (SqliteException e)
        {
            file?.Dispose();
            throw Translate(path, options, e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Runs one transaction off the caller's thread: everything it does is kept, or nothing.</summary>
    public async Task<T> WriteAsync<T>(Func<Session, T> work, CancellationToken ct)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => Transaction(work, ct), ct).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs reads on one connection off the caller's thread, outside a transaction.</summary>
    public Task<T> ReadAsync<T>(Func<Session, T> work, CancellationToken ct) => Task.Run(() =>
    {
        var session = Borrow();
        try
        {
            return work(session);
        }
        catch (SqliteException e)
        {
            throw Translate(_path, _options, e);
        }
        finally
        {
            Return(session);
        }
    }, ct);

    /// <summary>Streams the rows of one statement, as of one moment.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<Session, SqliteDataReader> query, Func<SqliteDataReader, T> row, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var session = Borrow();
        SqliteDataReader? reader = null;
        try
        {
            while (Next(out var value))
            {
                ct.ThrowIfCancellationRequested();
                yield return value;
            }
        }
        finally
        {
            reader?.Dispose();
            Return(session);
        }

        bool Next(out T value)
        {
            try
            {
                reader ??= query(session);
                var more = reader.Read();
                value = more ? row(reader) : default!;
                return more;
            }
            catch (SqliteException e)
            {
                throw Translate(_path, _options, e);
            }
        }
    }

    /// <summary>
    /// Writes a compact copy as of one moment to a file that is not there yet. Readers and writers go on meanwhile; the write-ahead log only grows
    /// until the copy is done.
    /// </summary>
    public Task CopyIntoAsync(string path, CancellationToken ct) => ReadAsync(session => session.Execute("VACUUM INTO $1", path), ct);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _gate.Wait();
        _writer.Dispose();
        while (_idle.TryTake(out var session)) session.Dispose();
        _gate.Release();
    }

    private T Transaction<T>(Func<Session, T> work, CancellationToken ct)
    {
        var began = false;
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            began = true;
            var result = work(_writer);
            ct.ThrowIfCancellationRequested();
            _writer.Execute("COMMIT");
            return result;
        }
        catch (Exception e)
        {
            if (began)
            {
                Rollback();
                RolledBack?.Invoke();
            }
            if (e is SqliteException failure) throw Translate(_path, _options, failure);
            throw;
        }
    }

    private void Rollback()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite rolls back by itself after a full disk or an I/O error and then refuses a second rollback.
        }
    }

    private void Migrate()
    {
        var version = (int)_writer.Count("PRAGMA user_version");
        var application = (int)_writer.Count("PRAGMA application_id");
        var isEmpty = _writer.Count("SELECT count(*) FROM sqlite_schema") == 0;
        if (application != Schema.ApplicationId && !isEmpty)
            throw new InputException(_path, $"is a SQLite database of another program, not a store; this program reads store versions 1 to {Schema.Version}");
        if (version > Schema.Version)
            throw new InputException(_path, $"is a store of version {version}; this program reads versions 1 to {Schema.Version}: use a newer one, or another --store");
        _writer.Script("PRAGMA journal_mode = WAL");
        if (version == Schema.Version) return;
        Transaction(session =>
        {
            for (var from = (int)session.Count("PRAGMA user_version"); from < Schema.Version; from++) session.Script(Schema.Migrations[from]);
            session.Script($"PRAGMA application_id = {Schema.ApplicationId}; PRAGMA user_version = {Schema.Version};");
            return 0;
        }, CancellationToken.None);
    }

    private Session Borrow()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_idle.TryTake(out var session)) return session;
        try
        {
            return Connect();
        }
        catch (SqliteException e)
        {
            throw Translate(_path, _options, e);
        }
    }

    private void Return(Session session)
    {
        if (_disposed) session.Dispose();
        else _idle.Add(session);
    }

    private Session Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Pooling = false,
            DefaultTimeout = (int)Math.Ceiling(_options.LockWait.TotalSeconds),
        }.ToString());
        connection.Open();
        var session = new Session(connection);
        // FULL: a commit is on the disk when it returns, so that it survives the loss of power too.
        session.Script($"PRAGMA page_size = {PageSize}; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;");
        if (_options.MaximumBytes is { } bytes) session.Script($"PRAGMA max_page_count = {Math.Max(1, bytes / PageSize)}");
        return session;
    }

    /// <summary>Result codes: https://www.sqlite.org/rescode.html.</summary>
    private static Exception Translate(string path, EmbeddedStoreOptions options, SqliteException e) => e.SqliteErrorCode switch
    {
        5 or 6 => new StoreException(StoreFault.Locked, $"{path}: locked by another process for more than {options.LockWait.TotalSeconds:0} s", e),
        13 => new StoreException(StoreFault.Full, options.MaximumBytes is { } most
            ? $"{path}: full: the disk, or the {most} bytes that the configuration allows, are used up; nothing of this write was kept"
            : $"{path}: full: there is no room left on the disk; nothing of this write was kept", e),
        8 => new StoreException(StoreFault.ReadOnly, $"{path}: may not be written", e),
        11 => new StoreException(StoreFault.Damaged, $"{path}: the database file is damaged ({e.Message}); restore it from a backup", e),
        26 => new InputException(path, $"is not a store: no SQLite database; this program reads store versions 1 to {Schema.Version}"),
        14 => new StoreException(StoreFault.Unavailable, $"{path}: cannot be opened", e),
        _ => new StoreException(StoreFault.Unavailable, $"{path}: {e.Message}", e),
    };
}
