using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Api;

/// <summary>Looks through the fields of one request and lists all that is wrong with them.</summary>
internal sealed class RequestCheck
{
    public const int DefaultPageSize = 100;

    /// <summary>Longest name that is taken from a caller; longer ones are nobody's.</summary>
    public const int MaxNameLength = 1024;

    private const int MaxActorLength = 128;

    private readonly List<BadRequest.Types.FieldViolation> _violations = [];

    public void Add(string field, FormattableString description) =>
        _violations.Add(new BadRequest.Types.FieldViolation { Field = field, Description = FormattableString.Invariant(description) });

    /// <summary>Throws when something was wrong.</summary>
    public void Done()
    {
        if (_violations.Count > 0) throw ApiFailure.Invalid(_violations);
    }

    public string Name(string field, string value)
    {
        if (value.Length == 0) Add(field, $"is required");
        else if (value.Length > MaxNameLength) Add(field, $"has {value.Length} characters, allowed 1 to {MaxNameLength}");
        return value;
    }

    public int PageSize(int value, ApiParts parts)
    {
        var most = parts.Options.MaxPageSize;
        var otherwise = Math.Min(DefaultPageSize, most);
        if (value < 0 || value > most) Add("page_size", $"is {value}, allowed 1 to {most}, or 0 for {otherwise}");
        return value == 0 ? otherwise : value;
    }

    /// <summary>The place that a page token stands for; null for the first page.</summary>
    public string[]? Page(string token, params ReadOnlySpan<string> filter)
    {
        if (token.Length == 0) return null;
        var place = PageToken.Read(token, filter);
        if (place is null) Add("page_token", $"is not one that was given for this filter");
        return place;
    }

    public DateTimeOffset? Time(string field, Timestamp? value)
    {
        if (value is null) return null;
        try
        {
            return value.ToDateTimeOffset();
        }
        catch (InvalidOperationException)
        {
            Add(field, $"{value.Seconds} s and {value.Nanos} ns are no time from the year 1 to 9999");
            return null;
        }
    }

    public DateTimeOffset? RequiredTime(string field, Timestamp? value)
    {
        if (value is null) Add(field, $"is required");
        return Time(field, value);
    }

    public (DateTimeOffset? From, DateTimeOffset? To) Range(Timestamp? start, Timestamp? end)
    {
        var (from, to) = (Time("start_time", start), Time("end_time", end));
        if (from >= to) Add("end_time", $"is {to:yyyy-MM-dd'T'HH:mm:ss'Z'}, allowed is after start_time, {from:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        return (from, to);
    }

    public TimeSpan? Span(string field, Duration? value)
    {
        if (value is null) return null;
        try
        {
            return value.ToTimeSpan();
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            Add(field, $"{value.Seconds} s and {value.Nanos} ns are no span of time");
            return null;
        }
    }

    public string Actor(string value, ServerCallContext context)
    {
        if (value.Length > MaxActorLength) Add("actor", $"has {value.Length} characters, allowed 0 to {MaxActorLength}");
        return value.Length == 0 ? context.Peer : value;
    }

    /// <summary>A served profile; an unknown one is NOT_FOUND, after all that is wrong with the request itself.</summary>
    public Profile Profile(ApiParts parts, string name)
    {
        Name("profile", name);
        Done();
        return parts.Profiles.TryGetValue(name, out var profile) ? profile : throw ApiFailure.NotFound("profile", name, parts.Profiles.Keys);
    }
}
