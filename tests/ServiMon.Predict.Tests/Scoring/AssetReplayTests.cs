using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class AssetReplayTests
{
    private static readonly EvidenceModel Model = new(ScoringModels.Broker);

    private static List<float[]?> Play(AssetRows rows, Func<int, AssetCondition> condition)
    {
        var replay = new AssetReplay(Model, rows);
        return [.. Enumerable.Range(0, rows.Count).Select(i =>
        {
            Assert.Equal(i, replay.NextRow);
            var evidence = new float[Model.Layout.Width];
            return replay.Advance(condition(i), evidence) ? evidence : null;
        })];
    }

    [Fact]
    public void Rows_out_of_service_give_no_evidence_and_leave_none_behind()
    {
        var rows = ScoringModels.Rows(60, 7);
        foreach (var away in new[] { AssetCondition.Maintenance, AssetCondition.Incident })
        {
            var whole = Play(rows, i => i is >= 20 and < 25 ? away : AssetCondition.Normal);
            Assert.All(whole[20..25], Assert.Null);
            // What the rows in between said changes nothing afterwards.
            var wild = ScoringModels.Rows(60, 7, (i, row) => { if (i is >= 20 and < 25) row.AsSpan().Fill(1e6 * i); });
            var other = Play(wild, i => i is >= 20 and < 25 ? away : AssetCondition.Normal);
            for (var i = 0; i < 60; i++) Assert.Equal(whole[i], other[i]);
        }
    }

    [Fact]
    public void A_step_shared_by_a_normal_row_and_one_out_of_service_is_begun_anew()
    {
        var rows = ScoringModels.Rows(40, 8);
        var ticks = rows.Ticks.Select((t, i) => i is 21 or 22 ? rows.Ticks[20] + i * ScoringModels.Second / 50 : t).ToArray();
        var jammed = new AssetRows(rows.Asset, rows.Metrics, ticks, rows.Values);
        var whole = Play(jammed, i => i == 21 ? AssetCondition.Maintenance : AssetCondition.Normal);
        var born = Play(new AssetRows(rows.Asset, rows.Metrics, ticks[22..], rows.Values[(22 * rows.Metrics.Count)..]), _ => AssetCondition.Normal);
        for (var i = 0; i < born.Count; i++) Assert.Equal(born[i], whole[22 + i]);
    }

    [Fact]
    public void An_asset_without_rows_is_at_its_end()
    {
        var replay = new AssetReplay(Model, new AssetRows("a", ["gc"], [], []));
        Assert.Equal(long.MaxValue, replay.NextTicks);
        Assert.True(replay.Monitor.IsWarmingUp);
    }
}
