using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>
/// Tells a service of incidents over gRPC as operators would: that one has begun, later that it is over. A service that does not answer is
/// told the next time; <paramref name="trouble"/> hears of it once.
/// </summary>
/// <param name="trouble">Told in one line what does not work, and when it works again.</param>
internal sealed class IncidentReporter(V1.IncidentService.IncidentServiceClient client, TimeProvider wall, Action<string> trouble)
{
    /// <summary>A service that answers at all answers sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly List<(DateTimeOffset Due, string Profile, Incident Incident)> _pending = [];
    private readonly HashSet<string> _refused = [];
    private bool _failing;

    /// <summary>An incident has begun: to be told now, and once more when it ends.</summary>
    public void Add(FleetIncident begun)
    {
        var incident = begun.Incident;
        _pending.Add((incident.Start, begun.Profile, incident with { End = null }));
        if (incident.End is { } end) _pending.Add((end, begun.Profile, incident));
    }

    /// <summary>Tells what is due.</summary>
    public async Task TellAsync(DateTimeOffset now, CancellationToken stop)
    {
        foreach (var due in _pending.Where(p => p.Due <= now).OrderBy(p => p.Due).ToList())
        {
            if (!await TryTellAsync(due.Profile, due.Incident, stop)) return;
            _pending.Remove(due);
        }
    }

    /// <returns>False when it is worth trying again.</returns>
    private async Task<bool> TryTellAsync(string profile, Incident incident, CancellationToken stop)
    {
        var request = new V1.ReportIncidentsRequest
        {
            Profile = profile,
            Incidents = { new V1.Incident { Asset = incident.Asset, StartTime = incident.Start.ToTimestamp(), EndTime = incident.End?.ToTimestamp(), Kind = incident.Kind } },
        };
        try
        {
            await client.ReportIncidentsAsync(request, deadline: wall.GetUtcNow().UtcDateTime + Patience, cancellationToken: stop);
            if (_failing) trouble("incidents are taken again");
            _failing = false;
            return true;
        }
        catch (RpcException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.Unimplemented or StatusCode.PermissionDenied)
        {
            if (_refused.Add(profile)) trouble($"incidents of '{profile}' are not taken: {e.Status.Detail}");
            return true;
        }
        catch (RpcException e)
        {
            if (!_failing) trouble($"incidents cannot be reported now, and will be later: {e.Status.Detail}");
            _failing = true;
            return false;
        }
    }
}
