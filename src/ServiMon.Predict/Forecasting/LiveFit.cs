namespace ServiMon.Predict.Forecasting;

/// <summary>Finds the seasons, the rates and the usual errors of a live forecaster in a stretch of history.</summary>
internal static class LiveFit
{
    /// <summary>Harmonics kept of all seasons together: what a state of 2 KiB has room for.</summary>
    public const int MostHarmonics = 10;

    /// <summary>Share of the seasonal variance below which a harmonic is not worth its place.</summary>
    private const double LeastShare = 0.002;

    /// <summary>An error beyond this many usual ones is learned from as if it were this.</summary>
    private const double MostErrors = 6;

    private const int Rounds = 2;

    /// <summary>
    /// Share of a damped trend's error far ahead that one which goes on for ever may leave. The slope of a walk's own history leaves about nine
    /// tenths, and means nothing.
    /// </summary>
    private const double TrendGain = 0.3;

    /// <summary>Most steps ahead at which trends are judged, by when a damped one is over; a quarter of a shorter history.</summary>
    private const int MostTrendLead = 64;

    /// <summary>Fewer values tell nothing of a lasting trend.</summary>
    private const int LeastForTrend = 32;

    private static readonly double[] Levels = [0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

    private static readonly double[] Correlations = [0, 0.3, 0.6, 0.8, 0.9];

    private static readonly double[] Trends = [0, 0.003, 0.01, 0.03];

    private static readonly double[] LastingTrends = [0, 0.001, 0.003, 0.01];

    private static readonly double[] Seasons = [0, 0.03, 0.1, 0.3];

    /// <summary>The smoothing at the last step of the grid, and how far it was off in the later part.</summary>
    public static (TrigonometricSmoothing Smoothing, LeadErrors Errors) Fit(RegularGrid grid)
    {
        var seasons = SeasonDetection.Find(grid.Values, grid.StepTicks);
        var history = Imputation.Fill(grid.Values, seasons.Length > 0 ? seasons[0] : 1);
        var (harmonics, waves) = Harmonics(history, seasons);
        var warm = seasons.Length > 0 ? Math.Min(seasons[0], history.Length / 2) : Math.Min(8, history.Length / 2);
        var level = 0.0;
        for (var i = 0; i < Math.Max(1, warm); i++) level += (history[i] - level) / (i + 1);
        var usual = 0.0;
        for (var i = 1; i < history.Length; i++) usual += (Math.Abs(history[i] - history[i - 1]) - usual) / i;
        var most = usual > 0 ? MostErrors * usual : double.MaxValue;

        var slope = (Middle(history, ^(history.Length / 4)..) - Middle(history, ..(history.Length / 4))) / Math.Max(1, history.Length - history.Length / 4);
        var best = new SmoothingRates(0.1, 0, harmonics.Length > 0 ? 0.03 : 0, 0.6);
        var least = Cost(best);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var rate in Levels)
                foreach (var correlation in Correlations)
                    if (rate + correlation < 1.5) Try(best with { Level = rate, Correlation = correlation });
            foreach (var rate in Trends) Try(best with { Trend = rate });
            if (harmonics.Length == 0) continue;
            foreach (var rate in Seasons) Try(best with { Season = rate });
        }

        // A lasting trend is told by what it does far ahead: one step ahead a damped one keeps up with any slope.
        var damped = best;
        var far = Math.Min(MostTrendLead, history.Length / 4);
        if (history.Length >= LeastForTrend && slope != 0)
        {
            (best, least) = (best with { Damping = 1, Trend = 0 }, double.PositiveInfinity);
            foreach (var rate in Levels)
                foreach (var trend in LastingTrends) Try(best with { Level = rate, Trend = trend });
            if (!(Off(best) < TrendGain * Off(damped))) best = damped;
        }

        return Measured(New(best), grid.Values, warm, most);

        TrigonometricSmoothing New(SmoothingRates rates) => new(rates, harmonics, level, waves, rates.Damping < 1 ? 0 : slope);

        double Off(SmoothingRates rates)
        {
            var smoothing = New(rates);
            var said = new double[history.Length + far];
            var sum = 0.0;
            for (var i = 0; i < history.Length; i++)
            {
                if (i >= warm + far && !double.IsNaN(grid.Values[i])) sum += Math.Abs(history[i] - said[i]);
                smoothing.Step(history[i], most);
                said[i + far] = smoothing.Ahead(far);
            }

            return sum;
        }

        void Try(SmoothingRates rates)
        {
            var cost = Cost(rates);
            if (cost < least) (best, least) = (rates, cost);
        }

        double Cost(SmoothingRates rates)
        {
            var smoothing = New(rates);
            var sum = 0.0;
            for (var i = 0; i < history.Length; i++)
            {
                if (i >= warm && !double.IsNaN(grid.Values[i])) sum += Math.Min(most, Math.Abs(smoothing.ErrorOf(history[i])));
                smoothing.Step(history[i], most);
            }

            return sum;
        }
    }

    private static double Middle(double[] values, Range range)
    {
        var sorted = values[range];
        Array.Sort(sorted);
        return sorted.Length > 0 ? sorted[sorted.Length / 2] : 0;
    }

    /// <summary>The strongest harmonics of the seasonal patterns, and where they stand one step before the history.</summary>
    private static (Harmonic[] Harmonics, double[] Waves) Harmonics(double[] history, int[] seasons)
    {
        var found = new List<(Harmonic Harmonic, double Cosine, double Sine)>();
        var rest = (double[])history.Clone();
        foreach (var season in seasons)
        {
            var profile = SeasonalProfile.Estimate(rest, season);
            for (var i = 0; i < rest.Length; i++) rest[i] -= profile[i % season];
            for (var k = 1; k <= season / 2; k++)
            {
                double cosine = 0, sine = 0;
                for (var i = 0; i < season; i++)
                {
                    var (s, c) = Math.SinCos(2 * Math.PI * ((long)k * i % season) / season);
                    cosine += profile[i] * c;
                    sine += profile[i] * s;
                }

                var scale = (2 * k == season ? 1.0 : 2.0) / season;
                found.Add((new Harmonic(season, k), scale * cosine, scale * sine));
            }
        }

        var whole = found.Sum(f => f.Cosine * f.Cosine + f.Sine * f.Sine);
        var kept = found.OrderByDescending(f => f.Cosine * f.Cosine + f.Sine * f.Sine).Take(MostHarmonics)
            .Where(f => f.Cosine * f.Cosine + f.Sine * f.Sine > LeastShare * whole).ToArray();
        var waves = new double[2 * kept.Length];
        for (var j = 0; j < kept.Length; j++)
        {
            // a cos(w t) + b sin(w t) at t = -1, turned so that one turn gives t = 0: s = a cos - b sin, s* = b cos + a sin of w.
            var (sin, cos) = Math.SinCos(kept[j].Harmonic.Angle);
            (waves[2 * j], waves[2 * j + 1]) = (kept[j].Cosine * cos - kept[j].Sine * sin, kept[j].Sine * cos + kept[j].Cosine * sin);
        }

        return ([.. kept.Select(f => f.Harmonic)], waves);
    }

    /// <summary>
    /// Runs over the history; after its first part values are compared with what was said 1, 2, 4, … steps before,
    /// over stretches that overlap by half: denser ones look like more errors than they are worth.
    /// </summary>
    private static (TrigonometricSmoothing Smoothing, LeadErrors Errors) Measured(TrigonometricSmoothing smoothing, double[] values, int warm, double most)
    {
        var errors = new LeadErrors();
        var said = new double[values.Length + (1 << (LeadErrors.LeadCount - 1)), LeadErrors.LeadCount];
        var from = Math.Max(warm, values.Length / 4);
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]))
            {
                for (var lead = 0; lead < LeadErrors.LeadCount; lead++)
                    if (i - (1 << lead) >= from && i % Math.Max(1, 1 << lead >> 1) == 0) errors.Add(lead, values[i] - said[i, lead]);
                smoothing.Step(values[i], most);
            }
            else smoothing.Skip(1);

            for (var lead = 0; lead < LeadErrors.LeadCount; lead++) said[i + (1 << lead), lead] = smoothing.Ahead(1 << lead);
        }

        errors.Restart(smoothing);
        return (smoothing, errors);
    }
}
