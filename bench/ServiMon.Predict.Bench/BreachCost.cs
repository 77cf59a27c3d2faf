using System.Globalization;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Api;

namespace ServiMon.Predict.Bench;

/// <summary>
/// CPU time of the process for one metric with a limit and one step: what watching its breach takes, from a stored row to the probabilities of three horizons, beside
/// an evidence step of the same process. Not inside: reading the rows from a store. Each part is amortised over the steps from one fit to the next.
/// </summary>
internal static class BreachCost
{
    private const int Repeats = 3;

    private static readonly string[] Kinds = [KnownLaw.Noise, KnownLaw.Walk, KnownLaw.Seasonal];

    /// <summary>Above what the law expects: two deviations and twelve of the errors at the longest horizon, and twenty spans of the whole window.</summary>
    private static readonly (string Name, double Deviations, double Spans)[] Distances = [("near", 2, 0), ("further", 12, 0), ("far", 0, 20)];

    public static void Run(BenchArguments args)
    {
        var profile = ProfileReader.Parse("{profile: bench, step: 1m, horizons: [15m], metrics: {load: {kind: gauge, group: pressure}}}", "bench");
        Console.WriteLine("| kind | horizons, steps | limit | probability at the longest | fit, us | of it a step | following, us a step | probabilities, us | all, us a step |");
        Console.WriteLine("|---|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var kind in Kinds.Where(k => args.Allows("--only", k)))
            foreach (var longest in args.Numbers("--horizons", [15, 60, 240]))
                foreach (var (name, deviations, spans) in Distances) Row(profile, kind, [1, Math.Max(1, longest / 4), longest], name, deviations, spans);
        var evidence = new EvidenceStep { MetricCount = 20, FleetMetrics = 57_000 };
        evidence.MakeFleet();
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"An evidence step of 20 metrics, features and detectors: {Microseconds(evidence.Both) / evidence.PointsPerOperation:0.000} us a metric and step"));
    }

    private static void Row(Profile profile, string kind, int[] steps, string name, double deviations, double spans)
    {
        const int count = BreachForecast.Window + BreachForecast.StepsBetweenFits;
        var values = KnownLaw.Values(kind, count, seed: 3);
        // The first row of a period: the following ones move on to the next fit.
        var start = BreachForecast.FitBefore(profile, "a", DateTime.UnixEpoch.AddYears(50).Ticks) - BreachForecast.Window * profile.Step.Ticks;
        long[] ticks = [.. Enumerable.Range(0, count).Select(i => start + i * profile.Step.Ticks)];
        MetricHistory Part(int from, int to) => new(ticks[from..to], values[from..to], null, LimitIsBelow: false);

        var whole = Part(0, BreachForecast.Window);
        var scale = kind == KnownLaw.Walk ? Math.Sqrt(steps[^1]) : 1;
        var limit = spans > 0 ? values.Max() + spans * (values.Max() - values.Min()) : KnownLaw.Centre(kind, count, values[count - 1]) + deviations * scale + (kind == KnownLaw.Seasonal ? 10 : 0);
        BreachForecast Fitted() => BreachForecast.Of(profile, "a", whole, limit, below: false, steps);
        var fit = Microseconds(() => Fitted());
        var rows = Enumerable.Range(BreachForecast.Window, BreachForecast.StepsBetweenFits).Select(i => Part(i, i + 1)).ToArray();
        var forecast = Fitted();
        var following = Microseconds(() =>
        {
            forecast = Fitted();
            foreach (var row in rows) forecast.TryGoOn(row);
        }) - fit;
        var estimating = Microseconds(() => forecast.Estimate(limit, below: false, steps), 20);
        var (perStep, followed) = (fit / BreachForecast.StepsBetweenFits, Math.Max(0, following) / BreachForecast.StepsBetweenFits);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {string.Join(", ", steps)} | {name} | {forecast.Estimate(limit, false, steps)[^1].Probability:0.0000} | {fit:0} | {perStep:0.00} | {followed:0.00} | {estimating:0.00} | {perStep + followed + estimating:0.00} |"));
    }

    private static double Microseconds(Action operation, int times = 1)
    {
        operation();
        var least = double.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            // As many as give a clock tick of CPU time a share of some percent.
            var count = times;
            TimeSpan spent;
            while (true)
            {
                var start = Environment.CpuUsage.UserTime;
                for (var i = 0; i < count; i++) operation();
                spent = Environment.CpuUsage.UserTime - start;
                if (spent.TotalMilliseconds >= 100) break;
                count *= 4;
            }

            least = Math.Min(least, spent.TotalMicroseconds / count);
        }

        return least;
    }
}
