using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Input;

/// <summary>
/// Counts rows by asset and time, each once however many pieces have it: of long files a row comes in as many pieces as its metrics lie apart. First every piece is
/// looked at, which gives the span and the common step of each asset's times; then the pieces are counted, a bit for each step.
/// </summary>
/// <param name="mostSteps">Steps of all assets together that are told apart: an eighth of this in bytes.</param>
internal sealed class DistinctRows(long mostSteps = 1L << 29)
{
    private readonly Dictionary<string, Times> _assets = [];

    /// <summary>Rows that were counted; null where times are too many and too irregular to be told apart.</summary>
    public long? Count => StepCount > mostSteps ? null : _assets.Values.Sum(a => a.Count);

    private double StepCount => _assets.Values.Sum(a => (double)a.StepCount);

    public void LookAt(IReadOnlyList<AssetRows> piece)
    {
        foreach (var rows in piece.Where(r => r.Count > 0))
        {
            if (!_assets.TryGetValue(rows.Asset, out var times)) _assets.Add(rows.Asset, times = new Times { First = rows.Ticks[0], Last = rows.Ticks[0] });
            foreach (var ticks in rows.Ticks)
            {
                times.Step = Divisor(times.Step, Math.Abs(ticks - times.First));
                if (ticks < times.First) times.First = ticks;
                if (ticks > times.Last) times.Last = ticks;
            }
        }
    }

    public void Add(IReadOnlyList<AssetRows> piece)
    {
        if (StepCount > mostSteps) return;
        foreach (var rows in piece.Where(r => r.Count > 0))
        {
            var times = _assets[rows.Asset];
            times.Seen ??= new ulong[times.StepCount / 64 + 1];
            foreach (var ticks in rows.Ticks)
            {
                var step = times.Step == 0 ? 0 : (ticks - times.First) / times.Step;
                ref var word = ref times.Seen[step / 64];
                var bit = 1UL << (int)(step % 64);
                if ((word & bit) == 0) times.Count++;
                word |= bit;
            }
        }
    }

    /// <summary>The greatest common divisor (Euclid).</summary>
    private static long Divisor(long a, long b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }

    private sealed class Times
    {
        public long First { get; set; }

        public long Last { get; set; }

        /// <summary>Ticks that all times are multiples of apart; 0 while there is one time.</summary>
        public long Step { get; set; }

        public long StepCount => Step == 0 ? 1 : (Last - First) / Step + 1;

        public ulong[]? Seen { get; set; }

        public long Count { get; set; }
    }
}
