using ServiMon.Predict.Cli.Feed;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Lets a demo's world happen: its clock goes, rows are sent as their time comes, incidents are reported as they begin and end.</summary>
internal sealed class DemoPlay(DemoScript script, DemoClock clock, SampleProducer producer, IncidentReporter reporter, LiveBoard board, TimeProvider wall)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    /// <summary>The most that one look at the wall's clock moves the world on: where a machine stands still, the world does.</summary>
    private static readonly TimeSpan MostAtOnce = TimeSpan.FromMilliseconds(200);

    /// <summary>Sends what lies before the origin, all at once.</summary>
    public void SendPast(CancellationToken stop)
    {
        if (script.WarmFrom is not { } from) return;
        foreach (var step in Steps(from, script.Origin))
        {
            stop.ThrowIfCancellationRequested();
            producer.Send(step, stop);
        }
    }

    /// <summary>Plays from the origin to the end.</summary>
    /// <exception cref="OperationCanceledException">When told to stop.</exception>
    public async Task PlayAsync(CancellationToken stop)
    {
        var end = script.Origin + script.Length;
        using var steps = Steps(script.Origin, end).GetEnumerator();
        var more = steps.MoveNext();
        var looked = wall.GetTimestamp();
        for (var now = script.Origin; now < end;)
        {
            await Task.Delay(Pause, wall, stop);
            var at = wall.GetTimestamp();
            var passed = wall.GetElapsedTime(looked, at);
            looked = at;
            now += (passed < MostAtOnce ? passed : MostAtOnce) * script.Speed;
            if (now > end) now = end;
            clock.AdvanceTo(now);
            for (; more && steps.Current.Time <= now; more = steps.MoveNext())
            {
                producer.Send(steps.Current, stop);
                foreach (var begun in steps.Current.Incidents)
                {
                    board.Fail(begun);
                    reporter.Add(begun);
                }
            }
            board.Tick(now);
            await reporter.TellAsync(now, stop);
        }
    }

    private IEnumerable<FeedStep> Steps(DateTimeOffset from, DateTimeOffset to) =>
        FleetFeed.Of([.. script.Fleets.Select(f => (f.Profile.Name, f.Live))], from, to);
}
