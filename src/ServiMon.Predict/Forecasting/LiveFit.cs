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

    /// <summary>
    /// Gain in log-likelihood one step ahead, over a damped trend, by which a lasting one is taken as well: a walk's own slope gains less but once in
    /// two hundred times (half of a chi-square of one freedom).
    /// </summary>
    private const double TrendEvidence = 4;

    /// <summary>
    /// Gain in log-likelihood over a walk for errors that carry over and fade about a level that hardly moves: half the square of the ratio of Dickey and
    /// Fuller (1979), with a mean, that one walk in twenty passes (2.86): a mean that was fitted draws errors towards it.
    /// </summary>
    private const double ReturnEvidence = 4.1;

    /// <summary>A level that moves by more than half of each error is a walk's.</summary>
    private const double MostOfReturning = 0.5;

    /// <summary>A value that counts for less tells a level nothing.</summary>
    private const double LeastWeight = 1e-4;

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
        var (harmonics, waves, rest) = Harmonics(history, seasons);
        var warm = seasons.Length > 0 ? Math.Min(seasons[0], history.Length / 2) : Math.Min(8, history.Length / 2);
        var usual = 0.0;
        for (var i = 1; i < history.Length; i++) usual += (Math.Abs(history[i] - history[i - 1]) - usual) / i;
        var most = usual > 0 ? MostErrors * usual : double.MaxValue;

        var slope = (Middle(history, ^(history.Length / 4)..) - Middle(history, ..(history.Length / 4))) / Math.Max(1, history.Length - history.Length / 4);
        var best = new SmoothingRates(0.1, 0, 0, 0);
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

        // A lasting trend is told by what it does far ahead: one step ahead a damped one keeps up with any slope, but for noise that it has to follow meanwhile.
        var (damped, leastDamped) = (best, least);
        var far = Math.Min(MostTrendLead, history.Length / 4);
        if (history.Length >= LeastForTrend && slope != 0)
        {
            (best, least) = (best with { Damping = 1, Trend = 0 }, double.PositiveInfinity);
            foreach (var rate in Levels)
                foreach (var trend in LastingTrends) Try(best with { Level = rate, Trend = trend });
            if (!(Off(best) < TrendGain * Off(damped)) && !((history.Length - warm) * Math.Log(leastDamped / least) > TrendEvidence)) best = damped;
        }

        return Measured(New(best), grid.Values, warm, most);

        TrigonometricSmoothing New(SmoothingRates rates) =>
            new(rates, harmonics, Start(rest, rates.Level, rates.Damping < 1 ? 0 : slope), waves, rates.Damping < 1 ? 0 : slope);

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

            // Schwarz (1978), for errors of Laplace's law: what is not needed one step ahead is noise further on. A fixed level and a walk are the simplest.
            var isReturning = rates.Correlation > 0 && rates.Level <= MostOfReturning;
            var used = (rates.Level > Levels[0] && rates.Level < 1 ? 1 : 0) + (rates.Correlation > 0 && !isReturning ? 1 : 0) + (rates.Trend > 0 ? 1 : 0) + (rates.Season > 0 ? 1 : 0);
            double count = Math.Max(2, history.Length - warm);
            return sum * Math.Exp((used * Math.Log(count) / 2 + (isReturning ? ReturnEvidence : 0)) / count);
        }
    }

    /// <summary>
    /// The level one step before the history from which smoothing at a rate starts as it would if it had come from the other end (Box and Jenkins 1970,
    /// backcasting): the mean with weights that fall with the time.
    /// </summary>
    private static double Start(double[] rest, double rate, double slope)
    {
        double sum = 0, whole = 0, weight = 1;
        for (var i = 0; i < rest.Length && weight > LeastWeight; i++, weight *= 1 - rate)
        {
            sum += weight * (rest[i] - rest[0] - slope * (i + 1));
            whole += weight;
        }

        return rest[0] + sum / whole;
    }

    private static double Middle(double[] values, Range range)
    {
        var sorted = values[range];
        Array.Sort(sorted);
        return sorted.Length > 0 ? sorted[sorted.Length / 2] : 0;
    }

    /// <summary>The strongest harmonics of the seasonal patterns, where they stand one step before the history, and what the patterns leave of it.</summary>
    private static (Harmonic[] Harmonics, double[] Waves, double[] Left) Harmonics(double[] history, int[] seasons)
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

        return ([.. kept.Select(f => f.Harmonic)], waves, rest);
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

            for (var lead = 0; lead < LeadErrors.LeadCount && i >= from; lead++)
                if (i % Math.Max(1, 1 << lead >> 1) == 0) said[i + (1 << lead), lead] = smoothing.Ahead(1 << lead);
        }

        errors.Restart(smoothing);
        return (smoothing, errors);
    }
}
