using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quartz;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>When a profile is trained anew.</summary>
/// <param name="Where">Where the configuration says so, for problems.</param>
/// <param name="Profile">Name of the profile.</param>
/// <param name="Cron">
/// A cron expression in UTC: five fields as cron has them, <c>30 2 * * *</c>, or Quartz's, seconds first, <c>0 30 2 * * ?</c>: both are half
/// past two every night.
/// </param>
/// <param name="Seed">Seed of every random choice. Default 1.</param>
/// <param name="KeepCandidate">True to leave every new model a candidate, to be promoted by hand. Default false.</param>
public sealed record RetrainingSchedule(string Where, string Profile, string Cron, ulong Seed = 1, bool KeepCandidate = false)
{
    internal TrainingOrder Order => new(Profile, "schedule", Seed, KeepCandidate);

    /// <summary>What is wrong with some schedules: expressions that cannot be read or never fire, unknown profiles, two for one profile.</summary>
    public static IReadOnlyList<Problem> Check(IReadOnlyList<RetrainingSchedule> schedules, IReadOnlyCollection<string> profiles, DateTimeOffset now)
    {
        var problems = new List<Problem>();
        var seen = new HashSet<string>();
        foreach (var schedule in schedules)
        {
            if (!profiles.Contains(schedule.Profile))
                problems.Add(new Problem(schedule.Where, $"there is no profile '{schedule.Profile}': {Profiles.Spelling.Suggest(schedule.Profile, profiles)}"));
            else if (!seen.Add(schedule.Profile))
                problems.Add(new Problem(schedule.Where, $"there are two schedules for profile '{schedule.Profile}', allowed is one"));
            if (CronProblem(schedule.Cron, now) is { } problem) problems.Add(new Problem(schedule.Where, problem));
        }
        return problems;
    }

    private static string? CronProblem(string cron, DateTimeOffset now)
    {
        const string Expected = "expected minute, hour, day of month, month and day of week, such as '30 2 * * *', or the same with seconds first and '?' for one of the days, such as '0 30 2 * * ?'";
        CronExpression expression;
        try
        {
            expression = CronExpression.Parse(CronText.ToQuartz(cron)).WithTimeZone(TimeZoneInfo.Utc);
        }
        catch (FormatException e)
        {
            return $"cron expression '{cron}' cannot be read: {e.Message.TrimEnd('.')}; {Expected}";
        }
        return expression.GetNextValidTimeAfter(now) is null ? $"cron expression '{cron}' never fires after {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; {Expected}" : null;
    }
}

/// <summary>Puts the schedules into a host.</summary>
public static class RetrainingScheduleServices
{
    internal const string OrderKey = "order";

    /// <summary>Trains by schedule from the host's start on. Needs a <see cref="TrainingCoordinator"/> among the services.</summary>
    /// <exception cref="InputException">Every problem that <see cref="RetrainingSchedule.Check"/> finds.</exception>
    public static IServiceCollection AddRetraining(
        this IServiceCollection services, IReadOnlyList<RetrainingSchedule> schedules, IReadOnlyCollection<string> profiles, TimeProvider time)
    {
        var problems = RetrainingSchedule.Check(schedules, profiles, time.GetUtcNow());
        if (problems.Count > 0) throw new InputException(problems);
        services.AddQuartz(quartz =>
        {
            quartz.UseTimeProvider(time);
            foreach (var schedule in schedules)
            {
                var job = new JobKey(schedule.Profile, "retraining");
                quartz.AddJob<RetrainingJob>(j => j.WithIdentity(job).UsingJobData(OrderKey, schedule.Order));
                quartz.AddTrigger(t => t.ForJob(job).WithIdentity(schedule.Profile, "retraining")
                    .WithCronSchedule(CronText.ToQuartz(schedule.Cron), c => c.InTimeZone(TimeZoneInfo.Utc)));
            }
        });
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
        return services;
    }
}

/// <summary>One firing of a schedule: asks for a run. A profile that is being trained already is left alone until the next firing.</summary>
internal sealed partial class RetrainingJob(TrainingCoordinator coordinator, ILogger<RetrainingJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var order = (TrainingOrder)context.MergedJobDataMap[RetrainingScheduleServices.OrderKey]!;
        try
        {
            var start = await coordinator.StartAsync(order, cancellationToken).ConfigureAwait(false);
            if (start.Holder is { } holder) LogHeld(order.Profile, holder.Owner);
        }
        catch (StoreException e)
        {
            LogNotStarted(order.Profile, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Profile {Profile} is not trained now: {Owner} is at it")]
    private partial void LogHeld(string profile, string owner);

    [LoggerMessage(Level = LogLevel.Error, Message = "Profile {Profile} is not trained now: {Reason}")]
    private partial void LogNotStarted(string profile, string reason);
}
