using CsCheck;
using ServiMon.Predict.Training.Evaluation;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Evaluation;

/// <summary>Rows of one hour, horizon three hours.</summary>
public sealed class AlarmScoresTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(3);

    private static ScoredRow Row(int asset, int hour, double p, long[][] starts) =>
        new(asset, hour * Hour.Ticks, p, starts[asset].Any(s => s > hour * Hour.Ticks && s <= (hour + 3) * Hour.Ticks));

    private static long[] Hours(params double[] hours) => [.. hours.Select(h => (long)(h * Hour.Ticks))];

    private static AlarmScore[] Score(long[][] starts, params (int Asset, int Hour, double P)[] rows) =>
        [.. AlarmScores.Score([.. rows.Select(r => Row(r.Asset, r.Hour, r.P, starts))], starts, Horizon, Hour)];

    [Fact]
    public void No_rows_have_no_scores() => Assert.Empty(AlarmScores.Score([], [], Horizon, Hour));

    [Fact]
    public void The_lead_is_from_the_first_alarm_within_the_horizon()
    {
        // Alarms from hour 4 on; the incident starts at 10.5, so that alarms count from 7.5.
        var scores = Score([Hours(10.5)], [.. Enumerable.Range(0, 11).Select(h => (0, h, h >= 4 ? 0.9 : 0.1))]);
        Assert.Equal([0.01, 0.1, 1.0], scores.Select(s => s.Budget));
        Assert.All(scores[..2], s => Assert.Equal((0, (double?)null), (s.Caught, s.Threshold)));
        // False from hour 4 to 7: four hours are two episodes of three hours, 4.4 a day.
        Assert.All(scores, s => Assert.Equal(1, s.Incidents));
        Assert.Equal(0, scores[2].Caught);

        var quiet = Score([Hours(10.5)], [.. Enumerable.Range(0, 11).Select(h => (0, h, h >= 8 ? 0.9 : 0.1))]);
        Assert.All(quiet, s => Assert.Equal((1, 0.9, 2.5 * 3600, 0.0, false), (s.Caught, s.Threshold!.Value, s.MedianLeadSeconds!.Value, s.FalseEpisodesPerAssetDay, s.Vacuous)));
    }

    [Fact]
    public void A_long_false_alarm_counts_an_episode_for_each_horizon_it_lasts()
    {
        // 100 days of one asset, alarms for seven hours: three episodes; one incident caught at the same threshold.
        var rows = Enumerable.Range(0, 2400).Select(h => (0, h, h is >= 100 and < 107 or 2000 ? 0.8 : 0.0)).ToArray();
        var scores = Score([Hours(2001)], rows);
        Assert.Equal((1, 0.8, 3600.0), (scores[1].Caught, scores[1].Threshold!.Value, scores[1].MedianLeadSeconds!.Value));
        Assert.Equal(0.03, scores[1].FalseEpisodesPerAssetDay, 12);
        Assert.Equal(0, scores[0].Caught); // 3 in 100 days is above the least budget
        Assert.All(scores, s => Assert.False(s.Vacuous)); // always on: 8 a day
    }

    [Fact]
    public void Assets_gaps_and_pauses_divide_episodes()
    {
        var starts = new[] { Hours(), Hours(), Hours(5000) };
        var quiet = Enumerable.Range(0, 2400).Select(h => (2, h, 0.0));
        // One row of a pause divides; a gap of one step too.
        var rows = new[] { (0, 0, 0.9), (0, 1, 0.9), (0, 2, 0.0), (0, 3, 0.9), (0, 5, 0.9), (1, 6, 0.9) }.Concat(quiet).Append((2, 4999, 0.9)).ToArray();
        var scores = Score(starts, rows);
        Assert.Equal(1, scores[1].Caught);
        Assert.Equal(4 / (rows.Length / 24.0), scores[1].FalseEpisodesPerAssetDay, 12);
    }

    [Fact]
    public void An_incident_that_no_row_could_have_foreseen_is_not_counted()
    {
        var scores = Score([Hours(2, 50)], (0, 0, 0.5), (0, 1, 0.5), (0, 10, 0.1));
        Assert.All(scores, s => Assert.Equal((1, 1, 2 * 3600.0), (s.Incidents, s.Caught, s.MedianLeadSeconds!.Value)));
    }

    [Fact]
    public void A_budget_that_an_unbroken_alarm_keeps_is_vacuous()
    {
        // All rows lie within the horizon before an incident, so nothing is ever false.
        var scores = Score([Hours(3)], (0, 0, 0.2), (0, 1, 0.3), (0, 2, 0.1));
        Assert.All(scores, s => Assert.True(s.Vacuous));
        // The longest lead wins among thresholds that catch as many.
        Assert.All(scores, s => Assert.Equal((1, 0.2, 3 * 3600.0), (s.Caught, s.Threshold!.Value, s.MedianLeadSeconds!.Value)));
    }

    [Fact]
    public void The_lowest_probability_is_a_threshold_too()
    {
        // 99 distinct probabilities, whose last rank the growing ranks step over; only an alarm at it catches the last asset's incident.
        long[][] starts = [.. Enumerable.Range(0, 99).Select(_ => Hours(1))];
        var scores = Score(starts, [.. Enumerable.Range(0, 99).Select(a => (a, 0, 1 - a / 100.0))]);
        Assert.All(scores, s => Assert.Equal((99, 99), (s.Caught, s.Incidents)));
    }

    [Fact]
    public void Scores_are_those_of_a_plain_count() =>
        Gen.Select(Gen.Int[0, 5].Array[40], Gen.Int[1, 60].Array[0, 3], Gen.Int[1, 60].Array[0, 3], Gen.Bool.Array[40]).Sample((p, first, second, kept) =>
        {
            long[][] starts = [.. new[] { first, second }.Select(f => f.Distinct().Order().Select(h => h * Hour.Ticks / 2).ToArray())];
            ScoredRow[] rows = [.. Enumerable.Range(0, 40).Where(i => kept[i]).Select(i => Row(i / 20, i % 20, p[i] / 5.0, starts))];
            if (rows.Length == 0) return;
            var days = rows.Length / 24.0;
            var trials = rows.Select(r => r.Probability).Distinct().Select(t => Trial(rows, starts, t)).ToArray();
            foreach (var score in AlarmScores.Score(rows, starts, Horizon, Hour))
            {
                var kept1 = trials.Where(t => t.Episodes / days <= score.Budget).ToArray();
                Assert.Equal(kept1.Length > 0, score.Threshold is not null);
                Assert.Equal(kept1.Select(t => t.Leads.Length).DefaultIfEmpty(0).Max(), score.Caught);
                Assert.Equal(Trial(rows, starts, -1).Episodes / days <= score.Budget, score.Vacuous);
                if (score.Threshold is not { } threshold) continue;
                var chosen = Trial(rows, starts, threshold);
                Assert.Equal(chosen.Episodes / days, score.FalseEpisodesPerAssetDay, 12);
                var leads = chosen.Leads.Order().ToArray();
                if (leads.Length > 0) Assert.Equal((leads[(leads.Length - 1) / 2] + leads[leads.Length / 2]) / 2, score.MedianLeadSeconds!.Value, 9);
                Assert.All(kept1.Where(t => t.Leads.Length == leads.Length && t.Leads.Length == 1), t => Assert.True(t.Leads[0] <= leads[0]));
            }
        });

    /// <summary>Incident by incident and run by run, straight from the definitions.</summary>
    private static (int Episodes, double[] Leads) Trial(ScoredRow[] rows, long[][] starts, double threshold)
    {
        var leads = new List<double>();
        for (var a = 0; a < starts.Length; a++)
            foreach (var start in starts[a])
            {
                // A row foresees the next incident only.
                var alarms = rows.Where(r => r.Asset == a && r.Probability >= threshold && r.Ticks < start && r.Ticks >= start - Horizon.Ticks
                    && !starts[a].Any(s => s > r.Ticks && s < start)).ToArray();
                if (alarms.Length > 0) leads.Add((start - alarms[0].Ticks) / (double)TimeSpan.TicksPerSecond);
            }
        var episodes = 0;
        for (var a = 0; a < starts.Length; a++)
        {
            var wrong = rows.Where(r => r.Asset == a && r.Probability >= threshold && !r.Positive).Select(r => (int)(r.Ticks / Hour.Ticks)).ToHashSet();
            foreach (var begin in wrong.Where(h => !wrong.Contains(h - 1)))
            {
                var length = 1;
                while (wrong.Contains(begin + length)) length++;
                episodes += (length + 2) / 3;
            }
        }
        return (episodes, [.. leads]);
    }
}
