using static ServiMon.Predict.Training.Evaluation.PageText;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>What a report says in plain words: what alarms would have caught, whether the probabilities beat the base rate, how far they are off.</summary>
internal static class ReportSentences
{
    /// <summary>The budget that is spoken of first: one false alarm in ten asset-days.</summary>
    private const double UsualBudget = 0.1;

    /// <summary>The horizon that stands for all: the middle one, the later of two.</summary>
    public static int Middle(FailureReport report) => report.Horizons.Count / 2;

    /// <summary>The alarms spoken of: of budgets that say something, the usual one, or the nearest above it, or below it, that catches anything.</summary>
    public static AlarmScore? Alarm(HorizonScore horizon)
    {
        var telling = horizon.Alarms.Where(a => !a.Vacuous && a.Incidents > 0).OrderBy(a => a.Budget < UsualBudget).ThenBy(a => Math.Abs(a.Budget - UsualBudget)).ToList();
        return telling.FirstOrDefault(a => a.Caught > 0) ?? telling.FirstOrDefault();
    }

    public static IEnumerable<string> Of(FailureReport report)
    {
        if (report.Horizons.Count == 0 || report.Horizons[Middle(report)] is not { Count: > 0 } horizon)
        {
            yield return "No row was answered, so there is nothing to score.";
            yield break;
        }
        yield return Caught(horizon);
        yield return Skill(horizon);
        if (horizon.CalibrationError is { } error)
            yield return $"Predicted probabilities are {Points(error)} percentage points off what was observed on average (the calibration error), where the base rate is {Percent(horizon.BaseRate ?? 0)}.";
        if (horizon.PriorCount == 0) yield break;
        var rows = $"{Percent(horizon.PriorCount / (double)horizon.Count)} of the answered rows had the prior alone for an answer";
        yield return horizon.ModelRows?.BrierSkill is { } skill ? $"{rows}; over the rows that a model answered the Brier skill is {Number(skill)}." : $"{rows}.";
    }

    private static string Points(double share) => (share * 100).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);

    private static string Caught(HorizonScore horizon)
    {
        if (horizon.Alarms.All(a => a.Incidents == 0)) return $"There was no incident that could have been predicted {horizon.Horizon} ahead.";
        if (Alarm(horizon) is not { } alarm) return $"At {horizon.Horizon} ahead alarm counts say nothing: an alarm that is always on keeps every budget of false alarms.";
        var budget = alarm is { Threshold: not null, FalseEpisodesPerAssetDay: 0 }
            ? $"without a false alarm in {Span(TimeSpan.FromDays(horizon.AssetDays).TotalSeconds)} of watching"
            : $"with at most {Short(alarm.Budget)} false {(alarm.Budget == 1 ? "alarm" : "alarms")} per asset-day";
        return alarm.Caught == 0
            ? $"None of {Count(alarm.Incidents, "incident", "incidents")} was predicted up to {horizon.Horizon} ahead {budget}."
            : $"{alarm.Caught} of {Count(alarm.Incidents, "incident", "incidents")} {(alarm.Caught == 1 ? "was" : "were")} predicted up to {horizon.Horizon} ahead {budget}; the median lead is {Span(alarm.MedianLeadSeconds)}.";
    }

    private static string Skill(HorizonScore horizon)
    {
        if (horizon.BrierSkill is not { } skill) return "All rows had the same outcome, so the probabilities cannot be compared with the base rate.";
        var said = horizon switch
        {
            { BrierSkillLow: > 0 } => "are better than the base rate",
            { BrierSkillHigh: < 0 } => "are worse than the base rate",
            { BrierSkillLow: null } => "have no interval: there are too few assets to tell them from the base rate",
            _ => "cannot be told from the base rate",
        };
        var interval = horizon.BrierSkillLow is null ? "" : $", 95 % interval {Interval(horizon.BrierSkillLow, horizon.BrierSkillHigh)}";
        return $"The probabilities {said} (Brier skill {Number(skill)}{interval}).";
    }
}
