using ServiMon.Predict.Series;

namespace ServiMon.Predict.Simulation;

/// <summary>
/// Telescopes of two to four drives each, that fail by the joint wear of their drives: the fleet <c>telescopes</c>. The truth is exact for the telescopes too, since all
/// that is drawn but the failures themselves is drawn beforehand. The law is in docs/formats/simulation.md.
/// </summary>
internal static class TelescopeSimulation
{
    public const string Name = "telescopes";

    public const string Profile = "telescope";

    private const int DriveCount = 36, TelescopesPerArray = 4;

    /// <summary>A drive wears from 0 to 1 in this long in the median, by a log-normal law.</summary>
    private const double LifeHours = 60, LifeSpread = 0.5;

    private const double DriveRepairHours = 2.5, TelescopeRepairHours = 2;

    /// <summary>Failures of a telescope per hour: without wear, and with two drives worn out.</summary>
    private const double LeastHazard = 1e-3, JointHazard = 0.25;

    private static readonly string[] Metrics =
        ["drive_vibration_mm_per_second", "drive_motor_current_amperes", "drive_position_error_arcseconds", "drive_temperature_celsius"];

    public static SimulatedFleet Run(SimulationOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var steps = options.StepCount;
        var seen = steps + options.HorizonSteps.Max() + 1;
        var drives = new List<Drive>();
        var telescopes = new List<(string Path, Drive[] Drives)>();
        for (var count = options.AssetCountOverride ?? DriveCount; drives.Count < count;)
        {
            var number = telescopes.Count;
            var path = $"array-{number / TelescopesPerArray + 1}/telescope-{number + 1}";
            Drive[] own = [.. Enumerable.Range(1, Math.Min(2 + number % 3, count - drives.Count)).Select(d => new Drive(options, $"{path}/drive-{d}", seen))];
            drives.AddRange(own);
            telescopes.Add((path, own));
        }
        var rows = new List<AssetRows>();
        var truth = new List<TrueProbabilities>();
        var incidents = new List<Incident>();
        foreach (var drive in drives)
        {
            cancellation.ThrowIfCancellationRequested();
            var (asset, its) = drive.Play(options, steps);
            rows.Add(asset);
            truth.Add(its);
            incidents.AddRange(drive.Incidents(options, steps));
            progress?.Report(rows.Count / (double)drives.Count);
        }
        foreach (var (path, own) in telescopes)
        {
            var (failures, its) = Telescope(options, path, own, steps);
            incidents.AddRange(failures);
            truth.Add(its);
        }
        return new SimulatedFleet(
            Profile, options.Step, options.Horizons, new FleetRecord(new FleetHistory(Metrics, rows), [.. incidents.OrderBy(i => i.Start)], []), truth);
    }

    /// <summary>Failures of one telescope, and their true probability at the steps in which it has a row.</summary>
    private static (List<Incident>, TrueProbabilities) Telescope(SimulationOptions options, string path, Drive[] drives, int steps)
    {
        var random = new RandomStream(options.Seed, path);
        var hours = options.Step.TotalHours;
        var horizons = options.HorizonSteps;
        // Cumulative hazard after each step, had the telescope been up all the time.
        var cumulative = new double[steps + horizons.Max() + 1];
        for (var t = 1; t < cumulative.Length; t++)
        {
            var wear = drives.Select(d => d.Wear(t)).OrderDescending().Append(0).Take(2).Aggregate(1.0, (a, b) => a * b);
            cumulative[t] = cumulative[t - 1] + hours * (LeastHazard + JointHazard * Math.Pow(wear, 3));
        }
        var incidents = new List<Incident>();
        var (ticks, probability) = (new List<long>(), new List<double>());
        var upAgain = 0;
        for (var t = 0; t < steps; t++)
        {
            if (t > upAgain && random.Chance(1 - Math.Exp(cumulative[t - 1] - cumulative[t])))
            {
                upAgain = t + Math.Max(1, (int)Math.Round(TelescopeRepairHours / hours));
                incidents.Add(new Incident(path, options.Start + t * options.Step, options.Start + upAgain * options.Step, "joint_wear"));
            }
            if (!drives.Any(d => d.HasRow(t))) continue;
            ticks.Add((options.Start + t * options.Step).UtcTicks);
            foreach (var h in horizons) probability.Add(1 - Math.Exp(cumulative[Math.Min(Math.Max(t, upAgain), t + h)] - cumulative[t + h]));
        }
        return (incidents, new TrueProbabilities(path, [.. ticks], [.. probability]));
    }

    /// <summary>One drive: lives one after the other, each from new to worn out.</summary>
    private sealed class Drive
    {
        private readonly string _name;
        private readonly List<(double Birth, double Death, double Ready)> _lives = [];
        private readonly double _stepHours;
        private readonly RandomStream _random;
        private readonly double[] _scale;

        public Drive(SimulationOptions options, string name, int steps)
        {
            (_name, _stepHours) = (name, options.Step.TotalHours);
            _random = new RandomStream(options.Seed, name);
            _scale = [.. Metrics.Select(_ => _random.Uniform(0.8, 1.25))];
            for (var birth = -_random.Uniform() * LifeHours; birth < steps * _stepHours;)
            {
                var death = birth + LifeHours * Math.Exp(LifeSpread * _random.Normal());
                if (death > 0) _lives.Add((birth, death, death + DriveRepairHours));
                birth = death + DriveRepairHours;
            }
        }

        /// <summary>0 for new and for one that is being repaired, 1 for worn out.</summary>
        public double Wear(int step) => Life(step) is var life && Hours(step) < life.Death ? Math.Max(0, (Hours(step) - life.Birth) / (life.Death - life.Birth)) : 0;

        public bool HasRow(int step) => Life(step) is var life && Hours(step) < life.Death;

        public IEnumerable<Incident> Incidents(SimulationOptions options, int steps) => _lives.Select(l => (Start: First(l.Death), End: First(l.Ready)))
            .Where(i => i.Start < steps).Select(i => new Incident(_name, options.Start + i.Start * options.Step, options.Start + i.End * options.Step, "bearing_wear"));

        public (AssetRows, TrueProbabilities) Play(SimulationOptions options, int steps)
        {
            var (ticks, values, truth) = (new List<long>(), new List<double>(), new List<double>());
            for (var t = 0; t < steps; t++)
            {
                if (!HasRow(t)) continue;
                ticks.Add((options.Start + t * options.Step).UtcTicks);
                var wear = Wear(t);
                values.Add(2 * _scale[0] * (1 + 3 * wear * wear) * Math.Exp(0.2 * _random.Normal()));
                values.Add(8 * _scale[1] * (1 + 0.7 * wear) * Math.Exp(0.15 * _random.Normal()));
                values.Add(_scale[2] * (1 + 2 * Math.Pow(wear, 3)) * Math.Exp(0.4 * _random.Normal()));
                values.Add(30 + 4 * Math.Sin(2 * Math.PI * (Hours(t) - 9) / 24) + _random.Normal());
                var next = _lives.Select(l => First(l.Death)).First(d => d > t);
                foreach (var h in options.HorizonSteps) truth.Add(next <= t + h ? 1 : 0);
            }
            return (new AssetRows(_name, Metrics, [.. ticks], [.. values]), new TrueProbabilities(_name, [.. ticks], [.. truth]));
        }

        private double Hours(int step) => step * _stepHours;

        /// <summary>The first step at which a time has come.</summary>
        private int First(double hours) => (int)Math.Ceiling(hours / _stepHours);

        /// <summary>The life at a step, its repair included.</summary>
        private (double Birth, double Death, double Ready) Life(int step)
        {
            foreach (var life in _lives)
                if (Hours(step) < life.Ready) return life;
            return _lives[^1];
        }
    }
}
