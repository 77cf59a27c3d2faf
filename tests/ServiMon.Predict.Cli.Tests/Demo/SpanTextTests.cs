namespace ServiMon.Predict.Cli.Demo;

public sealed class SpanTextTests
{
    [Theory]
    [InlineData(48, "48 s")]
    [InlineData(60, "1 min 0 s")]
    [InlineData(11_520, "3 h 12 min")]
    [InlineData(180_000, "2 d 2 h")]
    public void Two_units_are_enough(double seconds, string text) => Assert.Equal(text, SpanText.Of(TimeSpan.FromSeconds(seconds)));
}
