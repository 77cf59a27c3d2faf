using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

public class SurvivalTableTests
{
    private static readonly int[] HorizonSteps = [60, 360, 1440];

    public static TheoryData<string> Profiles => [.. FleetCatalogue.Kinds("observatory").Select(k => k.Profile)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Interpolation_stays_close_to_the_exact_sum(string profile)
    {
        var life = Life(profile);
        var table = new SurvivalTable(life, TimeSpan.FromMinutes(1), HorizonSteps);
        var random = new RandomStream(1, profile);
        for (var i = 0; i < 200; i++)
        {
            var fault = random.Index(life.Faults.Length);
            var severity = random.Index(LifeModel.SeverityClasses.Length);
            var distance = random.Uniform(0.01, 1);
            var atHorizon = i % 2 == 0;
            var steps = atHorizon ? HorizonSteps[random.Index(3)] : 1 + random.Index(1440);
            var exact = table.DegradingExactly(fault, severity, distance, steps);
            Assert.Equal(exact, table.Degrading(fault, severity, distance, steps), atHorizon ? 0.0002 : 0.003);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Survival_never_rises_with_the_horizon(string profile)
    {
        var life = Life(profile);
        var table = new SurvivalTable(life, TimeSpan.FromMinutes(1), HorizonSteps);
        for (var n = 1; n <= 1440; n++) Assert.InRange(table.Healthy(n), 0, table.Healthy(n - 1));
        for (var fault = 0; fault < life.Faults.Length; fault++)
            foreach (var distance in new[] { 0.02, 0.3, 0.77, 1 })
                for (var n = 1; n <= 1440; n++)
                    Assert.InRange(table.Degrading(fault, 2, distance, n), 0, table.Degrading(fault, 2, distance, n - 1) + 1e-12);
    }

    /// <summary>With one fault, no relief to speak of and onset at once, healthy is one step before the bare process.</summary>
    [Fact]
    public void Without_relief_only_the_process_is_left()
    {
        var life = new LifeModel
        {
            Faults = [new FaultModel(FaultMode.FdLeak, new GammaDegradation(10, 0.2), 1, 1e12, ReliefRestarts: true)],
            OnsetHours = 1e-6,
            SuddenScaleHours = 1e9,
        };
        var table = new SurvivalTable(life, TimeSpan.FromMinutes(10), [144]);
        var mean = LifeModel.SeverityClasses.Average(c => life.Faults[0].Process.Faster(c).Survival(1, 71 / 6.0));
        Assert.Equal(mean, table.Healthy(72), 1e-9);
        Assert.Equal(life.Faults[0].Process.Survival(0.4, 2), table.DegradingExactly(0, 2, 0.4, 12), 1e-9);
    }

    private static LifeModel Life(string profile) => FleetCatalogue.Kinds("observatory").Single(k => k.Profile == profile).Life;
}
