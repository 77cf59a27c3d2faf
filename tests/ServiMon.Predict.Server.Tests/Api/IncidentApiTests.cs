using Grpc.Core;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

public sealed class IncidentApiTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Incidents_are_reported_closed_listed_by_pages_and_withdrawn()
    {
        V1.Incident Incident(string asset, int hour, int? end = null) => new()
        {
            Asset = asset, StartTime = RampFleet.Start.AddHours(hour).ToWire(), EndTime = end is { } e ? RampFleet.Start.AddHours(e).ToWire() : null, Kind = "seized",
        };
        var all = Enumerable.Range(0, 10).Select(i => Incident($"pump-{i % 3}", 10 * i, i == 4 ? null : 10 * i + 1)).ToList();
        var reported = await _host.Incidents.ReportIncidentsAsync(new() { Profile = "pump", Incidents = { all } });
        Assert.Equal((10, 0), (reported.AddedCount, reported.ReplacedCount));
        reported = await _host.Incidents.ReportIncidentsAsync(new() { Profile = "pump", Incidents = { Incident("pump-1", 40, 43) } });
        Assert.Equal((0, 1), (reported.AddedCount, reported.ReplacedCount));

        var request = new V1.ListIncidentsRequest { Profile = "pump", PageSize = 3 };
        var seen = new List<V1.Incident>();
        do
        {
            var response = await _host.Incidents.ListIncidentsAsync(request);
            seen.AddRange(response.Incidents);
            request.PageToken = response.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        Assert.Equal(all.OrderBy(i => i.Asset, StringComparer.Ordinal).ThenBy(i => i.StartTime).Select(i => (i.Asset, i.StartTime)), seen.Select(i => (i.Asset, i.StartTime)));
        Assert.Equal(RampFleet.Start.AddHours(43).ToWire(), seen.Single(i => i.StartTime == all[4].StartTime).EndTime);
        var some = await _host.Incidents.ListIncidentsAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = RampFleet.Start.AddHours(41).ToWire() });
        Assert.Equal([RampFleet.Start.AddHours(40).ToWire(), RampFleet.Start.AddHours(70).ToWire()], some.Incidents.Select(i => i.StartTime));

        await _host.Incidents.WithdrawIncidentAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = all[4].StartTime });
        var (code, reason, _) = await ApiHost.FailureOf(async () => await _host.Incidents.WithdrawIncidentAsync(new() { Profile = "pump", Asset = "pump-1", StartTime = all[4].StartTime }));
        Assert.Equal((StatusCode.NotFound, "INCIDENT_NOT_FOUND"), (code, reason));
    }

    [Fact]
    public async Task What_a_rule_has_seen_is_listed_until_a_report_overlaps_it()
    {
        static V1.Incident Incident(string asset, int hour, string kind) => new()
        {
            Asset = asset, StartTime = RampFleet.Start.AddHours(hour).ToWire(), EndTime = RampFleet.Start.AddHours(hour + 2).ToWire(), Kind = kind,
        };
        await _host.Incidents.ReportIncidentsAsync(new() { Profile = "pump", Incidents = { Incident("a", 1, "rule:hot"), Incident("a", 9, "rule:hot"), Incident("b", 1, "rule:hot") } });
        Assert.Equal(3, (await _host.Incidents.ListIncidentsAsync(new() { Profile = "pump" })).Incidents.Count);
        await _host.Incidents.ReportIncidentsAsync(new() { Profile = "pump", Incidents = { Incident("a", 2, "seized") } });
        Assert.Equal([("a", "seized"), ("a", "rule:hot"), ("b", "rule:hot")], (await _host.Incidents.ListIncidentsAsync(new() { Profile = "pump" })).Incidents.Select(i => (i.Asset, i.Kind)));
    }

    [Fact]
    public async Task Nothing_is_kept_when_anything_is_wrong()
    {
        var fields = await ApiHost.FieldsOf(async () => await _host.Incidents.ReportIncidentsAsync(new()
        {
            Profile = "pump",
            Incidents =
            {
                new V1.Incident { Asset = "pump-1", StartTime = RampFleet.Start.ToWire() },
                new V1.Incident { Asset = "pump-1", StartTime = RampFleet.Start.ToWire(), EndTime = RampFleet.Start.ToWire(), Kind = new string('x', 257) },
                new V1.Incident { Asset = new string('x', 2000) },
            },
        }));
        Assert.Equal(["incidents[1].end_time", "incidents[1].kind", "incidents[2].asset", "incidents[2].start_time"], fields);
        Assert.Equal(["incidents"], await ApiHost.FieldsOf(async () => await _host.Incidents.ReportIncidentsAsync(new() { Profile = "pump" })));
        Assert.Empty(await _host.Store.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = "pump" }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }
}
