using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server;

/// <summary>Pumps that run hot before they fail: an hour's ramp of the temperature, an incident, ten minutes of repair.</summary>
internal static class RampFleet
{
    public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly Profile Profile = ProfileReader.Parse("""
        profile: pump
        step: 1m
        horizons: [10m, 30m]
        metrics:
          temperature: {kind: gauge, group: pressure, limit: {constant: 100}}
          flow: {kind: gauge, group: throughput}
        """, "pump.yaml");

    public static readonly IReadOnlyDictionary<string, Profile> Profiles = new Dictionary<string, Profile>
    {
        ["pump"] = Profile,
        // Pumps that are looked at every other minute: half the work.
        ["slow-pump"] = ProfileReader.Parse("""
            profile: slow-pump
            step: 2m
            horizons: [10m, 30m]
            metrics:
              temperature: {kind: gauge, group: pressure, limit: {constant: 100}}
              flow: {kind: gauge, group: throughput}
            """, "slow-pump.yaml"),
        ["kafka-broker"] = ProfileReader.Parse("profile: kafka-broker\nstep: 10s\nhorizons: [1m]\n", "kafka-broker.yaml"),
    };

    /// <summary>Rows from one time to another, and the incidents that start among them.</summary>
    /// <param name="hours">First hour, inclusive, and last, exclusive, since <see cref="Start"/>.</param>
    public static async Task StoreAsync(EmbeddedStore store, string profile, int assets, (int From, int To) hours, CancellationToken ct)
    {
        var rows = new List<AssetRows>();
        var failures = new List<Incident>();
        for (var a = 0; a < assets; a++)
        {
            var random = new Random(a);
            var ticks = new List<long>();
            var values = new List<double>();
            for (var minute = 0; minute < hours.To * 60; minute += (int)Profiles[profile].Step.TotalMinutes)
            {
                var noise = random.NextDouble();
                // Every asset fails once in twelve hours, each at its own time; every third never does.
                var phase = (minute + a * 98) % 720;
                var fails = a % 3 != 0;
                if (minute < hours.From * 60) continue;
                var time = Start.AddMinutes(minute);
                if (fails && phase == 700) failures.Add(new Incident($"pump-{a}", time, time.AddMinutes(10), "seized"));
                ticks.Add(time.UtcTicks);
                values.Add(40 + 2 * noise + (fails && phase is > 640 and < 710 ? (phase - 640) * 0.8 : 0));
                values.Add(7 - noise);
            }
            rows.Add(new AssetRows($"pump-{a}", ["temperature", "flow"], [.. ticks], [.. values]));
        }
        await store.History.AppendAsync(profile, rows, ct);
        await store.Incidents.AddIncidentsAsync(profile, failures, ct);
    }
}
