using Microsoft.Data.Sqlite;

namespace ServiMon.Predict.Storage;

/// <summary>What the embedded stores rely on in the SQLite library that comes with the package.</summary>
public sealed class SqliteLibraryTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("servimon-sqlite-");

    [Fact]
    public void A_reader_sees_the_last_commit_while_a_writer_is_at_work()
    {
        using var writer = Open();
        Assert.Equal("wal", Scalar(writer, "PRAGMA journal_mode = WAL"));
        Scalar(writer, "CREATE TABLE step (tick INTEGER PRIMARY KEY) STRICT; INSERT INTO step VALUES (1)");
        using var transaction = writer.BeginTransaction();
        Scalar(writer, "INSERT INTO step VALUES (2)", transaction);

        using var reader = Open();
        Assert.Equal(1L, Scalar(reader, "SELECT count(*) FROM step"));
        transaction.Commit();
        Assert.Equal(2L, Scalar(reader, "SELECT count(*) FROM step"));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "store.db")}");
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command.ExecuteScalar();
    }
}
