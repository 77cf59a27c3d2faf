namespace ServiMon.Predict.Cli.Terminal;

public sealed class TextTableTests
{
    [Fact]
    public void Numbers_stand_to_the_right_and_words_to_the_left() => Assert.Equal(
        [
            "name  count  said",
            "a         1  yes",
            "long    +12  no",
        ],
        TextTable.Aligned(["name", "count", "said"], [["a", "1", "yes"], ["long", "+12", "no"]]));

    [Fact]
    public void Json_has_snake_case_names_and_null_for_what_is_no_number() =>
        Assert.Equal("""{"brier_skill":null,"auc":0.5}""", JsonText.OneLine(new { BrierSkill = double.NaN, Auc = 0.5 }));
}
