namespace ServiMon.Predict.Profiles;

public sealed class SpellingTests
{
    private static readonly string[] Known = ["broker-1", "broker-2", "broker-11", "cassandra-1", "brokre-3"];

    [Fact]
    public void The_nearest_come_first_and_equals_by_name() =>
        Assert.Equal(["broker-1", "broker-11", "broker-2"], Spelling.Nearest("broker-1x", Known, 3));

    [Theory]
    [InlineData("zookeeper/eu/7")]
    [InlineData("")]
    public void What_is_like_none_gets_none(string word) => Assert.Empty(Spelling.Nearest(word, Known, 3));

    [Theory]
    [InlineData("--inptu", "; did you mean '--input'?")]
    [InlineData("--INPUT", "; did you mean '--input'?")]
    [InlineData("--horizons", "")]
    public void A_slip_is_recognised_and_another_word_is_not(string written, string said) => Assert.Equal(said, Spelling.Hint(written, ["--input", "--output"]));

    [Fact]
    public void A_name_is_near_itself_and_nearness_goes_both_ways() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 8], CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 8]),
        (a, b) => Spelling.Near(a, [b, a]) is { } near && string.Equals(near, a, StringComparison.OrdinalIgnoreCase)
            && Spelling.Near(a, [b]) is null == Spelling.Near(b, [a]) is null);

    [Fact]
    public void Case_does_not_matter_and_a_very_long_word_is_like_none()
    {
        Assert.Equal("cassandra-1", Spelling.Nearest("CASSANDRA-1", Known, 1).Single());
        Assert.Empty(Spelling.Nearest(new string('b', 5000), Known, 3));
    }
}
