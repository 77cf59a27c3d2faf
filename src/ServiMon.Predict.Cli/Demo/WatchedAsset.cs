using System.Globalization;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>One asset as the demo sees it: what the service says of it, what happens to it, and the alarm that comes of both.</summary>
/// <param name="boardHorizons">The board's probability columns.</param>
/// <param name="endTicks">UTC ticks of the last row of its record; <see cref="long.MaxValue"/> when it goes on.</param>
/// <param name="endsInIncident">True when the record ends because the asset failed.</param>
internal sealed class WatchedAsset(string asset, Profile profile, IReadOnlyList<Horizon> boardHorizons, long endTicks, bool endsInIncident)
{
    /// <summary>Below this probability, at which an alarm goes out again, nobody acts and a reason is noise.</summary>
    private const double LeastExplained = DemoTraining.AlarmThreshold / 2;

    private readonly AlarmTrack _alarm = new(DemoTraining.AlarmThreshold, profile.LongestHorizon);
    private V1.Prediction? _latest;
    private long _awayUntil = long.MinValue;

    public string Asset => asset;

    public string Kind => profile.Name;

    public AlarmCounts Counts => _alarm.Counts;

    public TimeSpan? LastLead => _alarm.LastLead;

    public IReadOnlyList<TimeSpan> Leads => _alarm.Leads;

    /// <summary>True when an alarm was raised that nothing followed yet, and that may still come true.</summary>
    public bool HasOpenAlarm => _alarm.IsOpen;

    /// <summary>True when the last row was played.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Incidents that have begun so far.</summary>
    public int IncidentCount => Counts.Incidents;

    /// <summary>True when the service has said something of it.</summary>
    public bool IsShown => _latest is not null;

    /// <summary>The service says something, at this time of the demo's clock: an alarm counts from when it is heard, not from the step that it is about.</summary>
    public void Hear(V1.Prediction? prediction, DateTimeOffset now)
    {
        _latest = prediction;
        if (prediction is null || IsOver) return;
        // What is said of the time before an incident's end belongs to that incident.
        if (prediction.Time.ToDateTimeOffset().UtcTicks <= _awayUntil) return;
        if (prediction.State == V1.PredictionState.Maintenance) _alarm.Clear();
        else _alarm.Observe(now.UtcTicks, prediction.State == V1.PredictionState.Ready ? prediction.Probabilities[^1].Probability : double.NaN);
    }

    /// <summary>An incident of this asset begins.</summary>
    public void Fail(FleetIncident begun)
    {
        _alarm.IncidentStarted(begun.Incident.Start.UtcTicks);
        _awayUntil = begun.Incident.End?.UtcTicks ?? long.MaxValue;
    }

    /// <summary>Time passes.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (IsOver) return;
        _alarm.Observe(now.UtcTicks, double.NaN);
        if (now.UtcTicks <= endTicks) return;
        IsOver = true;
        if (!endsInIncident) _alarm.End();
    }

    /// <summary>The asset as the board shows it now.</summary>
    public BoardRow ToRow()
    {
        var latest = _latest!;
        var probability = boardHorizons.Select(_ => double.NaN).ToArray();
        foreach (var at in latest.Probabilities)
            for (var h = 0; h < boardHorizons.Count; h++)
                if (boardHorizons[h].Span == at.Horizon.ToTimeSpan()) probability[h] = at.Probability;
        var isWorthAReason = latest.Probabilities.Count > 0 && latest.Probabilities[^1].Probability >= LeastExplained;
        return new BoardRow(
            asset, profile.Name, StateOf(latest.State), BasisOf(latest.Basis), probability, _alarm.IsOn, isWorthAReason ? Reason(latest.Drivers) : "",
            _alarm.LastLead, IncidentCount > 0 && _alarm.LastLead is null);
    }

    private static string Reason(IReadOnlyList<V1.Driver> drivers)
    {
        if (drivers.Count == 0) return "";
        var share = drivers[0].Share > 0 ? string.Create(CultureInfo.InvariantCulture, $" {drivers[0].Share * 100:0} %") : "";
        return $"{drivers[0].Group.Replace('_', ' ')}{share}: {drivers[0].Detail}".TrimEnd(':', ' ');
    }

    private static PredictionState StateOf(V1.PredictionState state) => state switch
    {
        V1.PredictionState.Ready => PredictionState.Ready,
        V1.PredictionState.WarmingUp => PredictionState.WarmingUp,
        V1.PredictionState.Stale => PredictionState.Stale,
        V1.PredictionState.OutOfDistribution => PredictionState.OutOfDistribution,
        V1.PredictionState.InIncident => PredictionState.InIncident,
        V1.PredictionState.Maintenance => PredictionState.Maintenance,
        _ => PredictionState.NoModel,
    };

    private static PredictionBasis BasisOf(V1.PredictionBasis basis) => basis switch
    {
        V1.PredictionBasis.Learned => PredictionBasis.Learned,
        V1.PredictionBasis.Evidence => PredictionBasis.Evidence,
        _ => PredictionBasis.Prior,
    };
}
