using System.Text;
using CsCheck;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Csv;

public class CsvTimeTests
{
    [Theory]
    [InlineData("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z")]
    [InlineData("2024-01-01 00:00:00", "2024-01-01T00:00:00Z")]
    [InlineData("2024-01-01T00:00", "2024-01-01T00:00:00Z")]
    [InlineData("2024-01-01T02:00:00+02:00", "2024-01-01T00:00:00Z")]
    [InlineData("2023-12-31T18:30:00-0530", "2024-01-01T00:00:00Z")]
    [InlineData("2024-02-29t23:59:59.25z", "2024-02-29T23:59:59.25Z")]
    [InlineData("2024-01-01T00:00:00.1000000+01", "2023-12-31T23:00:00.1Z")]
    public void Reads_the_accepted_forms_and_gives_the_text_back(string text, string utc)
    {
        Assert.True(CsvTime.TryParse(Encoding.UTF8.GetBytes(text), out var ticks, out var shape, out var exact));
        Assert.True(exact);
        Assert.Equal(utc, CsvTime.Text(ticks));
        Assert.Equal(text, shape.Render(ticks));
    }

    [Fact]
    public void Cuts_what_is_finer_than_a_tick_and_says_so()
    {
        Assert.True(CsvTime.TryParse("2024-01-01T00:00:00.123456789Z"u8, out var ticks, out _, out var exact));
        Assert.False(exact);
        Assert.Equal("2024-01-01T00:00:00.1234567Z", CsvTime.Text(ticks));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1704067200")]
    [InlineData("2024-13-01T00:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("2024-01-01T24:00:00Z")]
    [InlineData("2024-01-01T00:00:60Z")]
    [InlineData("2024-01-01T00:00:00.Z")]
    [InlineData("2024-01-01T00:00:00.1234567890Z")]
    [InlineData("2024-01-01T00:00:00+19:00")]
    [InlineData("2024-01-01T00:00:00Zulu")]
    [InlineData("2024-01-01")]
    [InlineData("01/02/2024 00:00:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    public void Refuses_other_forms(string text) =>
        Assert.False(CsvTime.TryParse(Encoding.UTF8.GetBytes(text), out _, out _, out _));

    [Fact]
    public void Agrees_with_the_framework_on_every_written_time() =>
        Gen.Long[0, DateTime.MaxValue.Ticks].Sample(ticks =>
        {
            var text = new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.fffffff'Z'");
            Assert.True(CsvTime.TryParse(Encoding.UTF8.GetBytes(text), out var read, out var shape, out _));
            Assert.Equal(ticks, read);
            Assert.Equal(text, shape.Render(read));
            Assert.True(CsvTime.TryParse(Encoding.UTF8.GetBytes(CsvTime.Text(ticks)), out read, out _, out _));
            Assert.Equal(ticks, read);
        });
}
