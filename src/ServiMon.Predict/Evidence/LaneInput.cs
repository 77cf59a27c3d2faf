using System.Collections.Immutable;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Evidence;

/// <summary>Turns a frame's raw values into the current values of the lanes: rates, signed logarithms, ratios to limits, shares.</summary>
internal static class LaneInput
{
    /// <summary>Least spread of a metric, as a share of its magnitude: differences below a thousandth are not news.</summary>
    private const double RelativeFloor = 1e-3;

    /// <summary>Least spread of a metric that starts at zero, in signed-logarithm units: about one event in twenty.</summary>
    private const double ZeroFloor = 0.05;

    private const double TinyFloor = 1e-6;

    /// <summary>Least spread of ratios and shares: five hundredths of the whole.</summary>
    private const float ShareFloor = 0.05f;

    /// <summary>Least spread of logarithms of latency and throughput: about a tenth of the value.</summary>
    private const float LogFloor = 0.1f;

    /// <summary>Latencies below this many seconds are not told apart.</summary>
    private const double LeastLatency = 1e-4;

    /// <summary>Requests and errors per second below this are none.</summary>
    private const double LeastRate = 1e-9;

    public static void Blank(EvidenceModel model, LaneState state)
    {
        state.Row(LaneRow.Current).Fill(float.NaN);
        state.Row(LaneRow.Current)[model.MissingLane] = 1;
    }

    public static void Write(EvidenceModel model, LaneState state, in Frame frame, Span<double> scratch)
    {
        var metrics = model.Profile.Metrics;
        var current = state.Row(LaneRow.Current);
        var floor = state.Row(LaneRow.Floor);
        var seen = 0;
        var missing = 0;
        for (var m = 0; m < metrics.Length; m++)
        {
            var raw = frame.Values[m];
            // What does not change may come once and then no more: that is not missing.
            var expected = metrics[m].Kind != MetricKind.Static && !double.IsNaN(state.RawValue[m]);
            if (expected) seen++;
            if (double.IsNaN(raw))
            {
                if (expected) missing++;
                scratch[m] = double.NaN;
                continue;
            }
            scratch[m] = metrics[m].Scale * (metrics[m].Kind == MetricKind.Counter ? CounterRate(state, m, raw, frame.Ticks) : raw);
            state.RawValue[m] = raw;
            state.RawTicks[m] = frame.Ticks;
        }

        var regime = model.Regimes?.RegimeOf(scratch) ?? -1;
        for (var lane = 0; lane < metrics.Length; lane++)
        {
            var m = model.LaneMetrics[lane];
            var value = SignedLog(scratch[m]);
            if (model.Regimes is { } regimes && lane < model.TrackedCount)
            {
                // A value of an unknown regime cannot be told apart from one of another regime: it counts as missing.
                value = regime < 0 ? double.NaN : (value - regimes.Means[regime * metrics.Length + m]) / regimes.Spreads[regime * metrics.Length + m];
            }
            if (double.IsNaN(state.Centre[m]) && !double.IsNaN(value))
            {
                // Events are told from none by their sign, so they are not centred.
                var isEvent = metrics[m].Kind == MetricKind.Event;
                state.Centre[m] = isEvent ? 0 : value;
                var size = Math.Abs(value);
                floor[lane] = (float)(TinyFloor + RelativeFloor * (1 - Math.Exp(-size)) + (isEvent || size == 0 ? ZeroFloor : 0));
            }
            current[lane] = (float)(value - state.Centre[m]);
        }
        WriteLimits(model, state, current, floor, scratch);
        WriteRoles(model, current, floor, scratch);
        current[model.MissingLane] = seen == 0 ? 0 : (float)missing / seen;
        foreach (var m in model.ScrapeUps)
            if (frame.Values[m] < 0.5) current[model.MissingLane] = 1;
        floor[model.MissingLane] = ShareFloor;
        floor.Slice(model.GroupStart, model.LaneCount - model.GroupStart).Fill(1);
    }

    /// <summary>log(1 + |x|) with the sign of x: linear near zero, logarithmic far from it.</summary>
    public static double SignedLog(double x) => Math.CopySign(Math.Log(1 + Math.Min(Math.Abs(x), double.MaxValue)), x);

    /// <summary>Increase per second since the metric's last sample; a fall is a reset, after which counting began at zero.</summary>
    private static double CounterRate(LaneState state, int metric, double raw, long ticks)
    {
        var before = state.RawValue[metric];
        var elapsed = (ticks - state.RawTicks[metric]) / (double)TimeSpan.TicksPerSecond;
        if (double.IsNaN(before) || elapsed <= 0) return double.NaN;
        return (raw >= before ? raw - before : Math.Max(raw, 0)) / elapsed;
    }

    private static void WriteLimits(EvidenceModel model, LaneState state, Span<float> current, Span<float> floor, Span<double> values)
    {
        for (var i = 0; i < model.Limits.Length; i++)
        {
            var limit = model.Limits[i];
            // A limit that was not scraped this time is the one last seen.
            var bound = limit.LimitMetric >= 0 ? state.RawValue[limit.LimitMetric] * model.Profile.Metrics[limit.LimitMetric].Scale : limit.Constant;
            var used = limit.Remaining ? bound - values[limit.Metric] : values[limit.Metric];
            current[model.LimitStart + i] = bound > 0 ? (float)Math.Clamp(used / bound, 0, 1) : float.NaN;
            floor[model.LimitStart + i] = ShareFloor;
        }
    }

    private static void WriteRoles(EvidenceModel model, Span<float> current, Span<float> floor, Span<double> values)
    {
        var failed = false;
        for (var i = 0; i < model.ProbeUps.Length; i++)
        {
            var up = values[model.ProbeUps[i]];
            failed |= up < 0.5;
            current[model.ProbeUpStart + i] = double.IsNaN(up) ? float.NaN : up >= 0.5 ? 0 : 1;
            floor[model.ProbeUpStart + i] = ShareFloor;
        }
        for (var i = 0; i < model.ProbeLatencies.Length; i++)
        {
            current[model.ProbeLatencyStart + i] = (float)Math.Log(Math.Max(values[model.ProbeLatencies[i]], LeastLatency));
            floor[model.ProbeLatencyStart + i] = LogFloor;
            var timeout = model.Profile.Metrics[model.ProbeLatencies[i]].Limit?.Constant ?? model.Profile.Step.TotalSeconds;
            // A probe that failed took as long as it may.
            current[model.ProbeShareStart + i] = failed ? 1 : (float)Math.Clamp(values[model.ProbeLatencies[i]] / timeout, 0, 1);
            floor[model.ProbeShareStart + i] = ShareFloor;
        }
        for (var i = 0; i < model.Saturations.Length; i++)
        {
            current[model.SaturationStart + i] = (float)Math.Clamp(SaturationShare(model, model.Saturations[i], values), 0, 1);
            floor[model.SaturationStart + i] = ShareFloor;
        }
        current[model.PauseLane] = (float)Math.Clamp(Total(model.Pauses, values), 0, 1);
        floor[model.PauseLane] = ShareFloor;
        var errors = Total(model.Errors, values);
        var requests = Total(model.Requests, values);
        current[model.ErrorLane] = double.IsNaN(errors) ? float.NaN
            : double.IsNaN(requests) ? (float)Math.Min(1, errors) : (float)Math.Min(1, errors / Math.Max(requests + errors, LeastRate));
        if (errors == 0) current[model.ErrorLane] = 0;
        current[model.RequestLane] = (float)SignedLog(requests);
        floor[model.ErrorLane] = ShareFloor;
        floor[model.RequestLane] = LogFloor;
    }

    private static double SaturationShare(EvidenceModel model, int metric, Span<double> values)
    {
        if (model.Profile.Metrics[metric].Limit is not { } limit) return values[metric];
        var whole = limit.Metric is { } name ? values[model.Profile.MetricIndex(name)] : limit.Constant!.Value;
        return values[metric] / Math.Max(whole, LeastRate);
    }

    /// <summary>Sum of those present; NaN when none is.</summary>
    private static double Total(ImmutableArray<int> metrics, Span<double> values)
    {
        var total = double.NaN;
        for (var i = 0; i < metrics.Length; i++)
        {
            var value = values[metrics[i]];
            if (double.IsNaN(value)) continue;
            total = double.IsNaN(total) ? Math.Max(value, 0) : total + Math.Max(value, 0);
        }
        return total;
    }
}
