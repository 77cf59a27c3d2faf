using System.Globalization;
using Grpc.Core;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary><c>servimon.predict.v1.IncidentService</c>.</summary>
internal sealed class IncidentApi(ApiParts parts) : V1.IncidentService.IncidentServiceBase
{
    private const int MaxIncidents = 1000;
    private const int MaxKindLength = 256;

    public override async Task<V1.ReportIncidentsResponse> ReportIncidents(V1.ReportIncidentsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        if (request.Incidents.Count is < 1 or > MaxIncidents) check.Add("incidents", $"has {request.Incidents.Count} entries, allowed 1 to {MaxIncidents}");
        var incidents = request.Incidents.Take(MaxIncidents).Select((incident, i) => Read(check, incident, FormattableString.Invariant($"incidents[{i}]"))).ToList();
        var profile = check.Profile(parts, request.Profile);
        var count = await parts.Incidents.AddIncidentsAsync(profile.Name, incidents, context.CancellationToken).ConfigureAwait(false);
        return new V1.ReportIncidentsResponse { AddedCount = count.Added, ReplacedCount = count.Replaced };
    }

    public override async Task<V1.ListIncidentsResponse> ListIncidents(V1.ListIncidentsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var size = check.PageSize(request.PageSize, parts);
        var (from, to) = check.Range(request.StartTime, request.EndTime);
        string[] filter = [request.Profile, request.Asset, Ticks(from), Ticks(to)];
        var place = check.Page(request.PageToken, filter);
        var start = 0L;
        if (place is not null && (place.Length != 2 || !long.TryParse(place[1], NumberStyles.None, CultureInfo.InvariantCulture, out start)))
            check.Add("page_token", $"is not one that was given for this list");
        var profile = check.Profile(parts, request.Profile);
        var query = new IntervalQuery { Profile = profile.Name, Assets = request.Asset.Length > 0 ? [request.Asset] : null, From = from, To = to };
        var response = new V1.ListIncidentsResponse();
        var last = default(Incident);
        await foreach (var incident in RuleIncidents.WithoutDoubles(parts.Incidents.ListIncidentsAsync(query, context.CancellationToken)).ConfigureAwait(false))
        {
            if (place is not null && string.CompareOrdinal(incident.Asset, place[0]) is var order && (order < 0 || (order == 0 && incident.Start.UtcTicks <= start))) continue;
            if (response.Incidents.Count == size)
            {
                response.NextPageToken = PageToken.Write(filter, last!.Asset, Ticks(last.Start));
                break;
            }
            response.Incidents.Add(new V1.Incident { Asset = incident.Asset, StartTime = incident.Start.ToWire(), EndTime = incident.End?.ToWire(), Kind = incident.Kind });
            last = incident;
        }
        return response;
    }

    public override async Task<V1.WithdrawIncidentResponse> WithdrawIncident(V1.WithdrawIncidentRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        check.Name("asset", request.Asset);
        var start = check.RequiredTime("start_time", request.StartTime);
        var profile = check.Profile(parts, request.Profile);
        if (await parts.Incidents.RemoveIncidentAsync(profile.Name, request.Asset, start!.Value, context.CancellationToken).ConfigureAwait(false))
            return new V1.WithdrawIncidentResponse();
        var known = await parts.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = profile.Name }, context.CancellationToken)
            .Select(i => Text(i.Asset, i.Start)).Take(parts.Options.MaxPageSize).ToListAsync(context.CancellationToken).ConfigureAwait(false);
        throw ApiFailure.NotFound("incident", Text(request.Asset, start.Value), known);
    }

    private static Incident Read(RequestCheck check, V1.Incident incident, string field)
    {
        check.Name($"{field}.asset", incident.Asset);
        var start = check.RequiredTime($"{field}.start_time", incident.StartTime);
        var end = check.Time($"{field}.end_time", incident.EndTime);
        if (end <= start) check.Add($"{field}.end_time", $"is {end:yyyy-MM-dd'T'HH:mm:ss'Z'}, allowed is after start_time, {start:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        if (incident.Kind.Length > MaxKindLength) check.Add($"{field}.kind", $"has {incident.Kind.Length} characters, allowed 0 to {MaxKindLength}");
        return new Incident(incident.Asset, start ?? default, end, incident.Kind);
    }

    private static string Text(string asset, DateTimeOffset start) => string.Create(CultureInfo.InvariantCulture, $"{asset} at {start.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}");

    private static string Ticks(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "";
}
