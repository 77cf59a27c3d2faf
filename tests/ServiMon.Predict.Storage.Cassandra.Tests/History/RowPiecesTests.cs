namespace ServiMon.Predict.Storage.Cassandra.History;

public sealed class RowPiecesTests
{
    [Fact]
    public void Rows_become_pieces_that_do_not_change_afterwards()
    {
        var pieces = new RowPieces("a", ["x", "y"], 300);
        for (var i = 0; i < 300; i++) pieces.Add(i)[1] = i;
        Assert.True(pieces.IsFull);
        var first = pieces.Build();
        pieces.Add(300)[0] = 7;
        var rest = pieces.Rest()!;

        Assert.Equal(300, first.Count);
        Assert.Equal([double.NaN, 299], first.Row(299).ToArray());
        Assert.Equal([7, double.NaN], rest.Values);
        Assert.Null(pieces.Rest());
    }

    [Fact]
    public void Parts_are_read_for_the_metrics_that_are_wanted_and_the_first_for_the_times()
    {
        string[] known = [.. Enumerable.Range(0, 100).Select(i => $"m{i}")];
        var parts = PartColumns.For(["m70", "m33", "m70", "none"], known);

        Assert.Equal([0, 1, 2], parts.Select(p => p.Part));
        Assert.StartsWith("SELECT ticks FROM history", parts[0].Select);
        Assert.StartsWith("SELECT ticks, v1 FROM history", parts[1].Select);
        Assert.Equal([1], Assert.Single(parts[1].Places));
        Assert.StartsWith("SELECT ticks, v6 FROM history", parts[2].Select);
        Assert.Equal([0, 2], Assert.Single(parts[2].Places));
    }
}
