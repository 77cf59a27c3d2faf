using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServiMon.Predict.Profiles;

/// <summary>Tells two profiles apart by what they mean: comments, order of keys and spelling of spans do not count.</summary>
public static class ProfileDigest
{
    /// <summary>
    /// SHA-256 over the canonical text of the resolved profile (everything but <see cref="Profile.Source"/>), as 64 lower-case
    /// hexadecimal digits. A horizon's text counts, for it names the horizon outside; so does the order of metrics, groups and horizons.
    /// </summary>
    public static string Digest(this Profile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(profile))));
    }

    /// <summary>One line for each fact; texts carry their length, so that no two profiles share a canonical text.</summary>
    private static string Canonical(Profile profile)
    {
        var text = new StringBuilder();
        Line("format", "1");
        Line("profile", profile.Name);
        Line("step", Ticks(profile.Step));
        foreach (var horizon in profile.Horizons) Line("horizon", Ticks(horizon.Span), horizon.Text);
        Line("lateness", Ticks(profile.Lateness));
        Line("warm_up", Ticks(profile.WarmUp));
        Line("stale_after", Ticks(profile.StaleAfter));
        foreach (var halfLife in profile.HalfLives) Line("half_life", Ticks(halfLife));
        foreach (var group in profile.Groups) Line("group", group);
        foreach (var m in profile.Metrics)
        {
            Line("metric", m.Name, m.Kind.ToString(), m.Group, m.Role.ToString(), m.Aggregation.ToString(), Number(m.Scale), m.Unit);
            if (m.Limit is { } limit)
                Line("limit", limit.Metric ?? "", limit.Constant is { } c ? Number(c) : "", limit.Remaining ? "left" : "used");
        }

        foreach (var pattern in profile.Ignore) Line("ignore", pattern);
        Line("infer_metrics", profile.InferMetrics ? "true" : "false");
        foreach (var driver in profile.Drivers) Line("driver", driver);
        Line("infer_drivers", profile.InferDrivers ? "true" : "false");
        foreach (var label in profile.Identity) Line("identity", label);
        foreach (var r in profile.FailureRules) Line("failure_rule", r.Kind, r.Metric, r.Comparison, Number(r.Value), Ticks(r.For));
        Line("composite", profile.Composite ? "true" : "false");
        Line("age_from_first_row", profile.AgeFromFirstRow switch { true => "true", false => "false", null => "" });
        Line("prior_failures_per_year", profile.PriorFailuresPerYear is { } prior ? Number(prior) : "");
        if (profile.TimeZone is { } zone) Line("time_zone", zone);
        return text.ToString();

        void Line(params ReadOnlySpan<string> fields)
        {
            foreach (var field in fields) text.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field} ");
            text.Append('\n');
        }
    }

    private static string Ticks(TimeSpan span) => span.Ticks.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
