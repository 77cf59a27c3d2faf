using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    // Above this many doubles of scratch, about 120 metrics, they come from the array pool instead of the stack (2 KB).
    private const int StackDoubles = 256;

    public static void Blank(EvidenceModel model, in LaneScratch scratch)
    {
        scratch.Current.Fill(float.NaN);
        scratch.Current[model.MissingLane] = 1;
    }

    /// <param name="read">Filled with the values after rate and scale in the order of the metrics, or empty.</param>
    [SkipLocalsInit]
    public static void Write(EvidenceModel model, LaneState state, in Frame frame, in LaneScratch lanes, Span<double> read)
    {
        var count = model.MetricLanes.Length;
        var padded = (count + Vector256<double>.Count - 1) / Vector256<double>.Count * Vector256<double>.Count;
        double[]? rented = null;
        var scratch = padded + count <= StackDoubles
            ? stackalloc double[StackDoubles]
            : (rented = ArrayPool<double>.Shared.Rent(padded + count));
        var values = scratch.Slice(padded, count);
        var current = lanes.Current;
        current[model.MissingLane] = ReadRaw(model, state, frame, scratch[..count], values);
        if (!read.IsEmpty) values.CopyTo(read);
        scratch[count..padded].Clear();
        WriteMetrics(model, state, model.Regimes?.RegimeOf(values) ?? -1, scratch[..padded], lanes);
        WriteLimits(model, state, current, values);
        if (model.HasRoles) WriteRoles(model, current, values);
        foreach (var m in model.ScrapeUps)
            if (frame.Values[m] < 0.5) current[model.MissingLane] = 1;
        if (rented is not null) ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>log(1 + |x|) with the sign of x: linear near zero, logarithmic far from it.</summary>
    public static double SignedLog(double x) => SignedLog(Vector256.Create(x)).ToScalar();

    /// <summary>The inverse.</summary>
    public static double FromSignedLog(double x) => Math.CopySign(Math.Exp(Math.Abs(x)) - 1, x);

    /// <summary>The same of four values. Each result depends on its own value alone, to the last bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> SignedLog(Vector256<double> x)
    {
        var size = Vector256.Min(Vector256.Abs(x), Vector256.Create(double.MaxValue));
        return Vector256.CopySign(Vector256.Log(Vector256<double>.One + size), x);
    }

    /// <summary>Reads the frame into scaled values and rates, in the order of the lanes and in that of the metrics.</summary>
    /// <returns>The share of the metrics seen before, other than static ones, that is missing.</returns>
    private static float ReadRaw(EvidenceModel model, LaneState state, in Frame frame, Span<double> byLane, Span<double> byMetric)
    {
        var rawValue = state.RawValue;
        var seen = 0;
        var missing = 0;
        var lanes = model.MetricLanes.AsSpan();
        for (var lane = 0; lane < byLane.Length; lane++)
        {
            var (m, kind, scale) = lanes[lane];
            var raw = frame.Values[m];
            var value = double.NaN;
            var isMissing = double.IsNaN(raw);
            // What does not change may come once and then no more: that is not missing.
            if (kind != MetricKind.Static && !double.IsNaN(rawValue[m]))
            {
                seen++;
                if (isMissing) missing++;
            }
            if (!isMissing)
            {
                value = scale * (kind == MetricKind.Counter ? CounterRate(rawValue[m], raw, ref state.RawTicks[model.CounterOf[m]], frame.Ticks) : raw);
                rawValue[m] = raw;
            }
            byLane[lane] = value;
            byMetric[m] = value;
        }
        return seen == 0 ? 0 : (float)missing / seen;
    }

    /// <summary>Signed logarithms of the metrics, standardised by regime where there are regimes, less each lane's centre.</summary>
    /// <param name="values">One for each lane of a metric, and zeros up to a whole vector; overwritten.</param>
    private static void WriteMetrics(
        EvidenceModel model, LaneState state, int regime, Span<double> values, in LaneScratch scratch)
    {
        if (model.MetricLanes.Length == 1)
        {
            // What has just been written by itself would be waited for as a part of a whole vector.
            values[0] = SignedLog(values[0]);
        }
        else
        {
            foreach (ref var block in MemoryMarshal.Cast<double, Vector256<double>>(values)) block = SignedLog(block);
        }

        var lanes = model.MetricLanes.AsSpan();
        if (model.Regimes is { } regimes)
            for (var lane = 0; lane < model.TrackedCount; lane++)
            {
                var at = regime * lanes.Length + lanes[lane].Metric;
                // A value of an unknown regime cannot be told apart from one of another regime: it counts as missing.
                values[lane] = regime < 0 ? double.NaN : (values[lane] - regimes.Means[at]) / regimes.Spreads[at];
            }

        var centre = state.Centre;
        var current = scratch.Current;
        var offset = scratch.Offset;
        for (var lane = 0; lane < centre.Length; lane++)
        {
            var value = values[lane];
            if (double.IsNaN(centre[lane]) && !double.IsNaN(value)) Begin(model, state, lane, value);
            current[lane] = (float)(value - centre[lane]);
            offset[lane] = (float)centre[lane];
        }
    }

    /// <summary>The first value of a metric: its centre, and what its spread is at least.</summary>
    private static void Begin(EvidenceModel model, LaneState state, int lane, double value)
    {
        // Events are told from none by their sign, so they are not centred.
        var isEvent = model.MetricLanes[lane].Kind == MetricKind.Event;
        state.Centre[lane] = isEvent ? 0 : value;
        if (lane >= model.TrackedCount) return;
        var size = Math.Abs(value);
        state[LaneRow.Floor, lane] = (float)(TinyFloor + RelativeFloor * (1 - Math.Exp(-size)) + (isEvent || size == 0 ? ZeroFloor : 0));
    }

    /// <summary>The least spreads of the lanes that are no single metric; those of metrics follow from their first values.</summary>
    public static float[] FloorsOf(EvidenceModel model)
    {
        var floors = new float[model.Lanes.LaneCount];
        floors.AsSpan(model.LimitStart..(model.MissingLane + 1)).Fill(ShareFloor);
        floors.AsSpan(model.ProbeLatencyStart, model.ProbeLatencies.Length).Fill(LogFloor);
        if (model.RequestLane >= 0) floors[model.RequestLane] = LogFloor;
        floors.AsSpan(model.MissingLane + 1).Fill(1);
        return floors;
    }

    /// <summary>Increase per second since the metric's last sample; a fall is a reset, after which counting began at zero.</summary>
    private static double CounterRate(double before, double raw, ref long lastTicks, long ticks)
    {
        var elapsed = (ticks - lastTicks) / (double)TimeSpan.TicksPerSecond;
        lastTicks = ticks;
        if (double.IsNaN(before) || elapsed <= 0) return double.NaN;
        return (raw >= before ? raw - before : Math.Max(raw, 0)) / elapsed;
    }

    private static void WriteLimits(EvidenceModel model, LaneState state, Span<float> current, Span<double> values)
    {
        var limits = model.Limits.AsSpan();
        for (var i = 0; i < limits.Length; i++)
        {
            ref readonly var limit = ref limits[i];
            // A limit that was not scraped this time is the one last seen.
            var bound = limit.LimitMetric >= 0 ? state.RawValue[limit.LimitMetric] * limit.LimitScale : limit.Constant;
            var used = limit.Remaining ? bound - values[limit.Metric] : values[limit.Metric];
            current[model.LimitStart + i] = bound > 0 ? (float)Math.Clamp(used / bound, 0, 1) : float.NaN;
        }
    }

    private static void WriteRoles(EvidenceModel model, Span<float> current, Span<double> values)
    {
        var failed = false;
        for (var i = 0; i < model.ProbeUps.Length; i++)
        {
            var up = values[model.ProbeUps[i]];
            failed |= up < 0.5;
            current[model.ProbeUpStart + i] = double.IsNaN(up) ? float.NaN : up >= 0.5 ? 0 : 1;
        }
        for (var i = 0; i < model.ProbeLatencies.Length; i++)
        {
            current[model.ProbeLatencyStart + i] = (float)Math.Log(Math.Max(values[model.ProbeLatencies[i]], LeastLatency));
            var timeout = model.Profile.Metrics[model.ProbeLatencies[i]].Limit?.Constant ?? model.Profile.Step.TotalSeconds;
            // A probe that failed took as long as it may.
            current[model.ProbeShareStart + i] = failed ? 1 : (float)Math.Clamp(values[model.ProbeLatencies[i]] / timeout, 0, 1);
        }
        for (var i = 0; i < model.Saturations.Length; i++)
        {
            current[model.SaturationStart + i] = (float)Math.Clamp(SaturationShare(model, model.Saturations[i], values), 0, 1);
        }
        if (model.PauseLane >= 0) current[model.PauseLane] = (float)Math.Clamp(Total(model.Pauses, values), 0, 1);
        var requests = Total(model.Requests, values);
        if (model.RequestLane >= 0) current[model.RequestLane] = (float)SignedLog(requests);
        if (model.ErrorLane < 0) return;
        var errors = Total(model.Errors, values);
        current[model.ErrorLane] = double.IsNaN(errors) ? float.NaN
            : double.IsNaN(requests) ? (float)Math.Min(1, errors) : (float)Math.Min(1, errors / Math.Max(requests + errors, LeastRate));
        if (errors == 0) current[model.ErrorLane] = 0;
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
