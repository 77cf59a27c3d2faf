using System.Globalization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>One asset of the demo: its rows, fed one by one to the code that scores live, and the alarm on top.</summary>
internal sealed class ReplayedAsset
{
    /// <summary>Below this probability, at which an alarm goes out again, nobody acts and a reason is noise.</summary>
    private const double LeastExplained = DemoTraining.AlarmThreshold / 2;

    private readonly AssetScorer _scorer;
    private readonly AssetRows _rows;
    private readonly Timeline _timeline;
    private readonly Profile _profile;
    private readonly AlarmTrack _alarm;
    private readonly long _startTicks;
    private readonly int[] _columns;
    private readonly int _boardWidth;
    private int _incidentsSeen;
    private bool _ended;

    /// <param name="replayFrom">Rows before this are played at once, unseen: they are the asset's past.</param>
    /// <param name="boardHorizons">The board's probability columns.</param>
    public ReplayedAsset(
        ScoringModel model, AssetRows rows, Timeline timeline, long replayFrom, double alarmThreshold, IReadOnlyList<Horizon> boardHorizons)
    {
        _profile = model.Evidence.Profile;
        _rows = rows;
        _timeline = timeline;
        _scorer = new AssetScorer(model.Evidence, model, rows);
        _alarm = new AlarmTrack(alarmThreshold, _profile.LongestHorizon);
        _columns = [.. _profile.Horizons.Select(h => boardHorizons.Select((b, i) => (b, i)).First(x => x.b.Span == h.Span).i)];
        _boardWidth = boardHorizons.Count;
        while (_scorer.NextTicks < replayFrom) _scorer.Advance(ConditionAt(_scorer.NextTicks));
        _startTicks = Math.Max(replayFrom, rows.Count > 0 ? rows.Ticks[0] : 0);
        while (_incidentsSeen < _timeline.Incidents.Count && _timeline.Incidents[_incidentsSeen].Start < _startTicks) _incidentsSeen++;
    }

    public string Asset => _rows.Asset;

    public string Kind => _profile.Name;

    public AlarmCounts Counts => _alarm.Counts;

    public TimeSpan? LastLead => _alarm.LastLead;

    public IReadOnlyList<TimeSpan> Leads => _alarm.Leads;

    /// <summary>True when the last row was played.</summary>
    public bool IsOver => _ended;

    /// <summary>Incidents that have begun in the replay.</summary>
    public int IncidentCount => Counts.Incidents;

    /// <summary>UTC ticks at which the replay of this asset begins.</summary>
    public long StartTicks => _startTicks;

    /// <summary>UTC ticks of the last row.</summary>
    public long EndTicks => _rows.Count > 0 ? _rows.Ticks[^1] : 0;

    /// <summary>Plays all rows up to and including a time.</summary>
    public void PlayUntil(long ticks)
    {
        while (_scorer.NextTicks <= ticks)
        {
            var now = _scorer.NextTicks;
            var condition = ConditionAt(now);
            _scorer.Advance(condition);
            MeetIncidents(now);
            if (condition == AssetCondition.Maintenance) _alarm.Clear();
            else if (condition == AssetCondition.Normal) _alarm.Observe(now, _scorer.Probability[^1]);
        }
        MeetIncidents(Math.Min(ticks, EndTicks));
        if (_ended || _scorer.NextTicks != long.MaxValue) return;
        _ended = true;
        if (!_timeline.EndsInIncident(EndTicks, _profile.Step)) _alarm.End();
    }

    /// <summary>The asset as the board shows it now.</summary>
    public BoardRow ToRow()
    {
        var probability = new double[_boardWidth];
        Array.Fill(probability, double.NaN);
        for (var h = 0; h < _columns.Length; h++) probability[_columns[h]] = _scorer.Probability[h];
        return new BoardRow(
            Asset, Kind, _scorer.State, _scorer.Basis, probability, _alarm.IsOn, _scorer.Probability[^1] >= LeastExplained ? Reason(_scorer.Explain()) : "", _alarm.LastLead,
            IncidentCount > 0 && _alarm.LastLead is null);
    }

    private static string Reason(IReadOnlyList<Driver> drivers) =>
        drivers.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{drivers[0].Group.Replace('_', ' ')} {drivers[0].Share * 100:0} %: {drivers[0].Detail}").TrimEnd(':', ' ');

    private AssetCondition ConditionAt(long ticks) =>
        _timeline.InMaintenance(ticks) ? AssetCondition.Maintenance
        : _timeline.InIncident(ticks) ? AssetCondition.Incident
        : AssetCondition.Normal;

    private void MeetIncidents(long ticks)
    {
        for (; _incidentsSeen < _timeline.Incidents.Count && _timeline.Incidents[_incidentsSeen].Start <= ticks; _incidentsSeen++)
            _alarm.IncidentStarted(_timeline.Incidents[_incidentsSeen].Start);
    }
}
