using CsCheck;

namespace ServiMon.Predict.Profiles;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("2s", 2)]
    [InlineData("1.75s", 1.75)]
    [InlineData("15m", 900)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("1d2h3m4s5ms", 93784.005)]
    [InlineData("0s", 0)]
    [InlineData("36525d", 36525 * 86400.0)]
    public void Reads_units_from_large_to_small(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1s1m")]
    [InlineData("1m1m")]
    [InlineData("1.5h30m")]
    [InlineData("1.s")]
    [InlineData(".5s")]
    [InlineData("1.2.3s")]
    [InlineData("1w")]
    [InlineData("1H")]
    [InlineData("1e3s")]
    [InlineData("1,5s")]
    [InlineData("٣s")]
    [InlineData("36526d")]
    [InlineData("99999999999999999999d")]
    [InlineData("1mss")]
    public void Refuses_everything_else(string text)
    {
        Assert.False(DurationText.TryParse(text, out var span));
        Assert.Equal(TimeSpan.Zero, span);
        Assert.Throws<FormatException>(() => DurationText.Parse(text));
    }

    [Fact]
    public void Reads_back_what_it_writes() =>
        Gen.Long[0, DurationText.Longest.Ticks].Sample(ticks =>
            DurationText.Parse(DurationText.Format(TimeSpan.FromTicks(ticks))).Ticks == ticks);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(900, "15m")]
    [InlineData(5400, "1h30m")]
    [InlineData(1.75, "1s750ms")]
    [InlineData(0.0000001, "0.0001ms")]
    public void Writes_the_shortest_exact_text(double seconds, string text) =>
        Assert.Equal(text, DurationText.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Refuses_to_write_spans_that_cannot_be_read()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DurationText.Format(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => DurationText.Format(TimeSpan.MaxValue));
    }
}
