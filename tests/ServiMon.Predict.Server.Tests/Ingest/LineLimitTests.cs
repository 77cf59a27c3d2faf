using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Server.Ingest;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class LineLimitTests
{
    [Fact]
    public void One_line_of_a_kind_comes_through_in_its_time_and_tells_how_many_did_not()
    {
        var time = new FakeTimeProvider();
        var lines = new LineLimit(time, TimeSpan.FromMinutes(1));
        Assert.True(lines.TryWrite("a", out var suppressed));
        Assert.Equal(0, suppressed);
        for (var i = 0; i < 1000; i++) Assert.False(lines.TryWrite("a", out _));
        Assert.True(lines.TryWrite("b", out suppressed));
        Assert.Equal(0, suppressed);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(lines.TryWrite("a", out suppressed));
        Assert.Equal(1000, suppressed);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(lines.TryWrite("a", out suppressed));
        Assert.Equal(0, suppressed);
    }
}
