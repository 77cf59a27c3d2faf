using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Api;

/// <summary>The clock that the seasons of a profile follow.</summary>
internal static class ProfileZone
{
    /// <summary>Null for UTC.</summary>
    /// <exception cref="InputException">This machine does not know the zone.</exception>
    public static TimeZoneInfo? Of(Profile profile)
    {
        if (profile.TimeZone is not { } name) return null;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone : throw new InputException("time_zone", $"'{name}' of profile '{profile.Name}' is no time zone that this machine knows");
    }
}
