namespace ServiMon.Predict.Cli;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("--inptu", "; did you mean '--input'?")]
    [InlineData("--INPUT", "; did you mean '--input'?")]
    [InlineData("--horizons", "")]
    public void A_slip_is_recognised_and_another_word_is_not(string written, string said) =>
        Assert.Equal(said, NearestName.Suggest(written, ["--input", "--output"]));

    [Fact]
    public void Distance_is_symmetric_and_zero_for_equals() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 8], CsCheck.Gen.String[CsCheck.Gen.Char.AlphaNumeric, 0, 8]),
        (a, b) => NearestName.Distance(a, b) == NearestName.Distance(b, a) && NearestName.Distance(a, a) == 0
            && NearestName.Distance(a, b) >= Math.Abs(a.Length - b.Length) && NearestName.Distance(a, b) <= Math.Max(a.Length, b.Length));
}
