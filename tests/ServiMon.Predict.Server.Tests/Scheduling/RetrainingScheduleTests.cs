using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Scheduling;

public sealed class RetrainingScheduleTests
{
    private static readonly string[] Profiles = ["pump", "kafka-broker"];

    [Theory]
    [InlineData("0 30 2 * * ?")]
    [InlineData("0 0/15 * * * ?")]
    [InlineData("0 0 3 ? * SUN")]
    [InlineData("30 2 * * *")]
    [InlineData("0 3 * * sun")]
    public void Good_expressions_pass(string cron) => Assert.Empty(Check(new RetrainingSchedule("conf.json: schedules[0]", "pump", cron)));

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("every night", "cannot be read")]
    [InlineData("30 2 1 * MON", "write * for one of them")]
    [InlineData("30 2 * * 8", "'8' is no day of week")]
    [InlineData("30 2 * *", "cannot be read")]
    [InlineData("0 61 2 * * ?", "cannot be read")]
    [InlineData("0 0 0 1 1 ? 2020", "never fires after 2024-01-01T00:00:00Z")]
    public void Bad_expressions_are_named_with_what_is_expected(string cron, string expected)
    {
        var problem = Assert.Single(Check(new RetrainingSchedule("conf.json: schedules[0]", "pump", cron)));
        Assert.Equal("conf.json: schedules[0]", problem.Where);
        Assert.Contains($"'{cron}'", problem.What);
        Assert.Contains(expected, problem.What);
        Assert.Contains("such as '0 30 2 * * ?'", problem.What);
    }

    [Theory]
    [InlineData("30 2 * * *", "0 30 2 * * ?")]
    [InlineData("*/15 8-18 1,15 * *", "0 */15 8-18 1,15 * ?")]
    [InlineData("0 3 * * 0", "0 0 3 ? * 1")]
    [InlineData("0 3 * * 7", "0 0 3 ? * 1")]
    [InlineData("0 3 * JAN 1-5", "0 0 3 ? JAN 2,3,4,5,6")]
    [InlineData("0 3 * * FRI-MON", "0 0 3 ? * 1,2,6,7")]
    [InlineData("0 3 * * */2", "0 0 3 ? * 1,3,5,7")]
    [InlineData("0 30 2 * * ?", "0 30 2 * * ?")]
    public void Five_fields_mean_what_cron_means(string cron, string quartz) => Assert.Equal(quartz, CronText.ToQuartz(cron));

    [Fact]
    public void Every_problem_is_listed()
    {
        var problems = Check(new("s[0]", "pumo", "no"), new("s[1]", "pump", "0 0 3 * * ?"), new("s[2]", "pump", "0 0 4 * * ?"));
        Assert.Equal(["s[0]", "s[0]", "s[2]"], problems.Select(p => p.Where));
        Assert.Contains("did you mean 'pump'?", problems[0].What);
        var thrown = Assert.Throws<InputException>(() => new ServiceCollection().AddRetraining([new("s[0]", "pumo", "no")], Profiles, TimeProvider.System));
        Assert.Equal(2, thrown.Problems.Count);
    }

    [Fact]
    public async Task A_schedule_starts_runs_and_leaves_a_profile_alone_that_is_being_trained()
    {
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var work = new HandWork();
        await using var coordinator = new TrainingCoordinator(
            store.Models, work, new TrainingRuns(), TimeProvider.System, NullLogger<TrainingCoordinator>.Instance, "test");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(coordinator);
        builder.Services.AddRetraining([new("s[0]", "pump", "* * * * * ?", Seed: 7, KeepCandidate: true)], Profiles, TimeProvider.System);
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        var first = await work.NextAsync();
        Assert.Equal(new TrainingOrder("pump", "schedule", 7, KeepCandidate: true), first.Order);
        TrainingRun? refused = null;
        for (var i = 0; i < 1000 && refused is null; i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
            refused = coordinator.Runs.List().FirstOrDefault(r => r.State == TrainingRunState.Failed);
        }
        Assert.StartsWith("not started: test/pump-", refused?.Message);
        Assert.Equal(1, work.BegunCount);
        first.Result.SetResult(HandWork.Outcome);
        (await work.NextAsync()).Result.SetResult(HandWork.Outcome);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IReadOnlyList<Problem> Check(params RetrainingSchedule[] schedules) => RetrainingSchedule.Check(schedules, Profiles, RampFleet.Start);
}
