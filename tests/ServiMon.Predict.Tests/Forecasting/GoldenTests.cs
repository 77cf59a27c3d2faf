using System.Globalization;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>
/// The scripts in Golden/, by the family of forecasters and by a live one. <c>series KIND N seeds A..B step SPAN</c> or <c>constant N VALUE step SPAN</c> begins a case;
/// <c>add ROWS X</c>, <c>missing ROWS</c> (NaN) and <c>absent ROWS</c> bend it. Expectations: <c>median STEP VALUE ROOM</c>, <c>width STEP VALUE PERCENT</c> of the
/// 95 % interval, <c>breach STEP above|below LIMIT PROBABILITY ROOM</c>. A value is a number or <c>last</c>, with <c>+X</c>, <c>-X</c> or <c>*X</c>. What is
/// found and what is expected are means over the seeds.
/// </summary>
public class GoldenTests
{
    private const int Horizon = 40;

    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Forecasting", "Golden");

    public static TheoryData<string, bool> Scripts
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var script in Directory.GetFiles(Folder, "*.txt").Order())
                foreach (var isLive in new[] { false, true }) data.Add(Path.GetFileName(script), isLive);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_holds(string script, bool isLive)
    {
        List<Case> made = [];
        var failures = new List<string>();
        var expectations = 0;
        foreach (var (line, number) in File.ReadAllLines(Path.Combine(Folder, script)).Select((text, i) => (text.Trim(), i + 1)))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || line[0] == '#') continue;
            if (words[0] is "series" or "constant") made = [.. Seeds(words).Select(seed => new Case(words, seed, isLive))];
            else if (words[0] is "add" or "missing" or "absent") made.ForEach(m => m.Bend(words));
            else
            {
                expectations++;
                var (found, expected) = (made.Average(m => m.Found(words)), made.Average(m => m.Expected(words)));
                var room = words[0] == "width" ? expected * Number(words[^1]) / 100 : Number(words[^1]);
                if (!(Math.Abs(found - expected) <= room)) failures.Add(string.Create(CultureInfo.InvariantCulture, $"{script}:{number}: {line}: {found:0.###}"));
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(expectations > 0);
    }

    private sealed class Case
    {
        private readonly bool _isLive;
        private readonly TimeSpan _step;
        private double[] _values;
        private long[] _ticks;
        private Forecast? _forecast;
        private LiveForecaster? _live;

        public Case(string[] words, int seed, bool isLive)
        {
            _isLive = isLive;
            Assert.True(DurationText.TryParse(words[^1], out _step));
            _values = words[0] == "constant" ? [.. Enumerable.Repeat(Number(words[2]), int.Parse(words[1]))] : SyntheticSeries.Make(words[1], int.Parse(words[2]), seed);
            _ticks = SyntheticSeries.Ticks(_values.Length, _step);
        }

        public void Bend(string[] words)
        {
            var ends = words[1].Split("..").Select(int.Parse).ToArray();
            if (words[0] == "absent")
            {
                _values = [.. _values[..ends[0]], .. _values[(ends[^1] + 1)..]];
                _ticks = [.. _ticks[..ends[0]], .. _ticks[(ends[^1] + 1)..]];
                return;
            }
            for (var i = ends[0]; i <= ends[^1]; i++) _values[i] = words[0] == "add" ? _values[i] + Number(words[2]) : double.NaN;
        }

        public double Found(string[] words)
        {
            var step = int.Parse(words[1]);
            if (words[0] == "breach") return Breach(step, words[2] == "below", Value(words[3]));
            var forecast = _forecast ??= Made();
            var (_, lower, upper) = forecast.Intervals[0];
            return words[0] switch
            {
                "median" => forecast.Median[step - 1],
                "width" => upper[step - 1] - lower[step - 1],
                _ => throw new FormatException($"no such expectation: {words[0]}"),
            };
        }

        public double Expected(string[] words) => Value(words[words[0] == "breach" ? 4 : 2]);

        private Forecast Made() => _isLive ? Live().Forecast(Horizon, 0.95) : Forecaster.Fit(_ticks, _values).Forecast(Horizon, 0.95);

        private double Breach(int step, bool below, double limit) => (_isLive ? Live().Breach(limit, below, [step])
            : BreachEstimate.Of(Forecaster.Fit(_ticks, _values).Forecast(Horizon), limit, below, [step]))[0].Probability;

        /// <summary>One that has followed the series from its first value and been fitted whenever that was due.</summary>
        private LiveForecaster Live()
        {
            if (_live is not null) return _live;
            var live = new LiveForecaster(_step);
            for (var i = 0; i < _values.Length; i++)
            {
                live.Observe(_ticks[i], _values[i]);
                if (live.RefitDue) live = live.Refitted();
            }
            return _live = live;
        }

        private double Value(string text)
        {
            if (!text.StartsWith("last", StringComparison.Ordinal)) return Number(text);
            if (text.Length == 4) return _values[^1];
            return text[4] == '*' ? _values[^1] * Number(text[5..]) : _values[^1] + Number(text[4..]);
        }

    }

    private static IEnumerable<int> Seeds(string[] words)
    {
        if (words[0] == "constant") return [0];
        var ends = words[4].Split("..").Select(int.Parse).ToArray();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
