using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Api;

/// <summary><c>servimon.predict.v1.ForecastService</c>. Forecasts and detections take time: a few at once, the others wait.</summary>
internal sealed class ForecastApi(ApiParts parts, ComputeSlots slots) : V1.ForecastService.ForecastServiceBase
{
    private const int MaxSteps = 10_000;
    private const int MaxHorizons = 16;
    private const int MaxRows = 100_000;
    private const int MaxFindings = 10_000;
    private const double DefaultLevel = 0.95;

    public override async Task<V1.ForecastMetricResponse> ForecastMetric(V1.ForecastMetricRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var level = request.Level == 0 ? DefaultLevel : request.Level;
        if (!(level > 0 && level < 1)) check.Add("level", $"is {request.Level}, allowed above 0 and below 1, or 0 for {DefaultLevel}");
        var horizon = check.Span("horizon", request.Horizon);
        var profile = Series(check, request.Profile, request.Asset, request.Metric);
        var steps = Steps(check, "horizon", horizon ?? profile.LongestHorizon, profile);
        check.Done();
        var zone = ProfileZone.Of(profile);
        var history = await MetricHistory.ReadAsync(parts.History, profile, request.Asset, request.Metric, RegularGrid.MaxCount, null, context.CancellationToken).ConfigureAwait(false);
        var forecast = await slots.RunAsync(() => Forecaster.Fit(history.Ticks, history.Values, profile.Step, zone).Forecast(steps, level), context).ConfigureAwait(false);
        return new V1.ForecastMetricResponse
        {
            Level = level, LastTime = Wire.TimeOfTicks(history.Ticks[^1]),
            Steps = { forecast.Rows().Select(r => new V1.ForecastStep { Time = Wire.TimeOfTicks(r.Ticks), Median = r.Median, Lower = r.Lower, Upper = r.Upper }) },
        };
    }

    public override async Task<V1.EstimateBreachResponse> EstimateBreach(V1.EstimateBreachRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        if (request.Horizons.Count > MaxHorizons) check.Add("horizons", $"has {request.Horizons.Count} entries, allowed 0 to {MaxHorizons}");
        if (!System.Enum.IsDefined(request.Side)) check.Add("side", $"has a value that is no side");
        if (request.HasLimit && !double.IsFinite(request.Limit)) check.Add("limit", $"is {request.Limit}, allowed is a finite number");
        var asked = request.Horizons.Select((h, i) => check.Span(FormattableString.Invariant($"horizons[{i}]"), h)).ToList();
        var profile = Series(check, request.Profile, request.Asset, request.Metric);
        TimeSpan[] horizons = [.. (asked.Count > 0 ? asked.Select(h => h!.Value) : profile.Horizons.Select(h => h.Span)).Order()];
        int[] steps = [.. horizons.Select(h => Steps(check, "horizons", h, profile))];
        check.Done();

        var history = await MetricHistory.ReadAsync(
            parts.History, profile, request.Asset, request.Metric, BreachForecast.MostSteps,
            last => BreachForecast.StartOf(profile, request.Asset, last), context.CancellationToken).ConfigureAwait(false);
        if (!request.HasLimit && history.Limit is null) throw ApiFailure.Invalid("limit", $"is required: the profile gives metric '{request.Metric}' no limit");
        var limit = request.HasLimit ? request.Limit : history.Limit!.Value;
        var below = request.Side == V1.BreachSide.Below || (request.Side == V1.BreachSide.Unspecified && history.LimitIsBelow);
        var estimates = await slots.RunAsync(
            () => BreachForecast.Of(profile, request.Asset, history, limit, below, steps).Estimate(limit, below, steps), context).ConfigureAwait(false);
        return new V1.EstimateBreachResponse
        {
            Limit = limit, Side = below ? V1.BreachSide.Below : V1.BreachSide.Above, LastTime = Wire.TimeOfTicks(history.Ticks[^1]),
            Breaches = { estimates.Select((e, i) => new V1.BreachProbability { Horizon = Duration.FromTimeSpan(horizons[i]), Probability = e.Probability, StandardError = e.StandardError }) },
        };
    }

    public override async Task<V1.DetectSeriesResponse> DetectSeries(V1.DetectSeriesRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        if (request.Rows.Count is < 1 or > MaxRows) check.Add("rows", $"has {request.Rows.Count} entries, allowed 1 to {MaxRows}");
        check.Done();
        var ticks = new long[request.Rows.Count];
        for (var i = 0; i < ticks.Length; i++)
            ticks[i] = check.RequiredTime(FormattableString.Invariant($"rows[{i}].time"), request.Rows[i].Time)?.UtcTicks ?? 0;
        check.Done();
        return await slots.RunAsync(() =>
        {
            var detector = new SeriesDetector();
            var response = new V1.DetectSeriesResponse();
            for (var i = 0; i < ticks.Length; i++)
            {
                var row = detector.Observe(ticks[i], request.Rows[i].HasValue ? request.Rows[i].Value : double.NaN);
                response.Detections.Add(new V1.Detection
                {
                    Score = row.Score, PValue = row.PValue, LocationTime = row.LocationTicks is { } at ? Wire.TimeOfTicks(at) : null,
                    Verdict = row.Verdict switch { Verdict.Spike => V1.Verdict.Spike, Verdict.Changepoint => V1.Verdict.Changepoint, _ => V1.Verdict.None },
                });
            }
            (response.MissingCount, response.LateCount, response.DuplicateCount) = (detector.MissingCount, detector.LateCount, detector.DuplicateCount);
            return response;
        }, context).ConfigureAwait(false);
    }

    public override async Task<V1.ListFindingsResponse> ListFindings(V1.ListFindingsRequest request, ServerCallContext context)
    {
        var check = new RequestCheck();
        var alarms = request.FalseAlarmsPerDay == 0 ? new DetectorOptions().FalseAlarmsPerDay : request.FalseAlarmsPerDay;
        if (!(alarms is >= DetectorOptions.LeastAlarms and <= DetectorOptions.MostAlarms))
            check.Add("false_alarms_per_day", $"is {request.FalseAlarmsPerDay}, allowed {DetectorOptions.LeastAlarms} to {DetectorOptions.MostAlarms}, or 0 for {new DetectorOptions().FalseAlarmsPerDay}");
        check.Name("asset", request.Asset);
        var (from, to) = check.Range(request.StartTime, request.EndTime);
        var profile = check.Profile(parts, request.Profile);
        check.Done();
        var options = new DetectorOptions { FalseAlarmsPerDay = alarms, Zone = ProfileZone.Of(profile) };
        var history = await FindingHistory.ReadAsync(parts.History, profile, request.Asset, from, to, context.CancellationToken).ConfigureAwait(false);
        var (found, steps, learned) = await slots.RunAsync(() => history.Find(options, context.CancellationToken), context).ConfigureAwait(false);
        var omitted = Math.Max(0, found.Count - MaxFindings);
        return new V1.ListFindingsResponse
        {
            OmittedCount = omitted, StepCount = steps, LearnedStepCount = learned,
            Findings = { found.Skip(omitted).Select(f => Wire.Finding(history.Model.Profile.Metrics[f.Metric].Name, f)) },
        };
    }

    private Profile Series(RequestCheck check, string profile, string asset, string metric)
    {
        check.Name("asset", asset);
        check.Name("metric", metric);
        return check.Profile(parts, profile);
    }

    private static int Steps(RequestCheck check, string field, TimeSpan horizon, Profile profile)
    {
        var steps = horizon / profile.Step;
        if (steps is >= 1 and <= MaxSteps) return (int)Math.Ceiling(steps);
        check.Add(field, $"is {horizon.TotalSeconds} s, allowed {profile.Step.TotalSeconds} s (one step) to {MaxSteps * profile.Step.TotalSeconds} s");
        return 1;
    }
}
