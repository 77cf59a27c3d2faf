using Parquet;

namespace ServiMon.Predict.Cli.Export;

/// <summary>Tables appear whole or not at all, in as many row groups as it takes.</summary>
public sealed class TablesTests : IDisposable
{
    private static readonly TableColumn[] Columns = [new("time", ColumnKind.Time), new("asset", ColumnKind.Text), new("value", ColumnKind.Number)];

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-tables-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("t.csv")]
    [InlineData("t.csv.gz")]
    [InlineData("t.parquet")]
    public async Task What_is_not_committed_leaves_an_earlier_file_as_it_was(string name)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, "before", Ct);
        await using (var table = await Tables.CreateAsync(path, Columns)) await WriteAsync(table, 3);
        Assert.Equal("before", await File.ReadAllTextAsync(path, Ct));
        Assert.Single(Directory.GetFiles(_folder));

        await using (var table = await Tables.CreateAsync(path, Columns))
        {
            await WriteAsync(table, 3);
            await table.CommitAsync(Ct);
        }
        Assert.NotEqual("before", await File.ReadAllTextAsync(path, Ct));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_long_table_has_several_row_groups()
    {
        const int rows = 250_000;
        var path = Path.Combine(_folder, "long.parquet");
        await using (var table = await Tables.CreateAsync(path, Columns))
        {
            await WriteAsync(table, rows);
            await table.CommitAsync(Ct);
        }
        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: Ct);
        Assert.Equal(3, reader.RowGroupCount);
        var at = 0;
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var (names, values) = (new string?[group.RowCount], new double?[group.RowCount]);
            await group.ReadAsync(reader.Schema.GetDataFields()[1], names!, cancellationToken: Ct);
            await group.ReadAsync<double>(reader.Schema.GetDataFields()[2], values, cancellationToken: Ct);
            for (var i = 0; i < values.Length; i++, at++)
            {
                Assert.Equal(at % 5 == 0 ? null : at * 0.5, values[i]);
                Assert.Equal($"asset-{at % 3}", names[i]);
            }
        }
        Assert.Equal(rows, at);
    }

    private static async Task WriteAsync(ITable table, int rows)
    {
        for (var i = 0; i < rows; i++)
        {
            table.Time(DateTime.UnixEpoch.Ticks + i * TimeSpan.TicksPerSecond);
            table.Text($"asset-{i % 3}");
            table.Number(i % 5 == 0 ? double.NaN : i * 0.5);
            await table.EndRowAsync(Ct);
        }
    }
}
