using System.Text;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class SeriesTableTests
{
    private readonly PrometheusJson _format = new();
    private readonly ParsedSamples _parsed = new();
    private readonly List<string> _asked = [];
    private readonly HashSet<string> _gone = [];

    [Fact]
    public void A_series_is_read_once_and_again_when_its_target_is_gone()
    {
        var table = Table(100);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("a", Find(table, "a"));
            Assert.Equal("b", Find(table, "b"));
        }
        Assert.Equal(["a", "b"], _asked);
        _gone.Add("b");
        Assert.Equal("b", Find(table, "b"));
        Assert.Equal(["a", "b", "b"], _asked);
    }

    [Fact]
    public void The_table_is_bounded()
    {
        var table = Table(10);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal($"m{i}", Find(table, $"m{i}"));
            Assert.InRange(table.Count, 1, 10);
        }
    }

    [Fact]
    public void The_bytes_of_its_series_are_bounded()
    {
        var cleared = 0;
        var table = new SeriesTable<string>(identity => identity!.Metric, _ => false, int.MaxValue, 10_000, () => cleared++);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal($"{new string('x', 990)}{i:0000}", Find(table, $"{new string('x', 990)}{i:0000}"));
            Assert.InRange(table.Count, 1, 10);
        }
        Assert.InRange(cleared, 100, 999);
    }

    [Fact]
    public void A_sample_of_a_known_series_allocates_nothing()
    {
        var table = Table(100);
        var message = Encoding.UTF8.GetBytes("""{"timestamp":"1970-01-01T00:00:10Z","value":"1.25","name":"foo","labels":{"__name__":"foo","instance":"a:9100"}}""");
        void Run()
        {
            for (var i = 0; i < 1000; i++)
            {
                _parsed.Clear();
                _format.Parse(message, _parsed);
                table.Find(_format, _parsed.Identity(0));
            }
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private SeriesTable<string> Table(int most) => new(
        identity =>
        {
            _asked.Add(identity!.Metric);
            return identity.Metric;
        }, _gone.Contains, most);

    private string Find(SeriesTable<string> table, string name)
    {
        _parsed.Clear();
        _format.Parse(Encoding.UTF8.GetBytes($$"""{"timestamp":"1970-01-01T00:00:10Z","value":"1","name":"{{name}}"}"""), _parsed);
        return table.Find(_format, _parsed.Identity(0));
    }
}
