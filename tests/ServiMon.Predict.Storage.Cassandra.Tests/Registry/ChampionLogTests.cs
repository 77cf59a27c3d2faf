namespace ServiMon.Predict.Storage.Cassandra.Registry;

public sealed class ChampionLogTests
{
    [Fact]
    public void The_log_is_kept_as_text_and_knows_what_a_rollback_goes_back_to()
    {
        HashSet<string> all = ["a", "b", "c"];
        var log = ChampionLog.Parse(null, null).Promote("a", 1, "ann").Promote("b", 2, "ann").Promote("c", 3, "ann");
        var back = ChampionLog.Parse(log.Text, log.Revision).Rollback(4, "bob", all)!.Rollback(5, "bob", all)!;

        Assert.Equal(3, log.Revision);
        Assert.Equal(5, back.Revision);
        Assert.Equal("a", back.Champion);
        Assert.Equal(["a", "b", "c", "b", "a"], back.Changes.Select(c => c.Model));
        Assert.Null(back.Rollback(6, "bob", all));
        Assert.Null(ChampionLog.Parse(null, null).Rollback(1, "bob", all));
        Assert.Equal("a", log.Rollback(4, "bob", new HashSet<string> { "a", "c" })!.Champion);
        Assert.Equal("""[{"Model":"a","At":1,"Action":0,"Actor":"ann","Below":null}]""", ChampionLog.Parse(null, null).Promote("a", 1, "ann").Text);
    }
}
