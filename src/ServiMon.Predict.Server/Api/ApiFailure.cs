using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Api;

/// <summary>Failures as callers see them: <c>google.rpc.Status</c> with ErrorInfo (reason and domain), and more where it helps.</summary>
internal static class ApiFailure
{
    public const string Domain = "servimon.predict";

    /// <summary>Known names looked through for those that are spelt alike: a bound on the cost of a mistake.</summary>
    private const int NamesLookedAt = 20_000;

    private const int NamesSuggested = 3;

    /// <summary>Something in the request is not as it should be: every field that is wrong.</summary>
    public static RpcException Invalid(IEnumerable<BadRequest.Types.FieldViolation> violations)
    {
        var request = new BadRequest { FieldViolations = { violations } };
        var text = string.Join("; ", request.FieldViolations.Select(v => $"{v.Field}: {v.Description}"));
        return Failure(Code.InvalidArgument, "INVALID_FIELD", text, [], request);
    }

    public static RpcException Invalid(string field, string description) =>
        Invalid([new BadRequest.Types.FieldViolation { Field = field, Description = description }]);

    /// <summary>There is no such thing, with the names that are spelt most alike.</summary>
    /// <param name="kind">What it is: <c>asset</c>.</param>
    public static RpcException NotFound(string kind, string name, IEnumerable<string> known)
    {
        var nearest = Spelling.Nearest(name, known.Take(NamesLookedAt), NamesSuggested);
        var suggestion = nearest.Count > 0 ? $"; nearest: {string.Join(", ", nearest)}" : "";
        var metadata = new Dictionary<string, string> { [kind] = name };
        if (nearest.Count > 0) metadata["nearest"] = string.Join(",", nearest);
        return Failure(Code.NotFound, $"{kind.ToUpperInvariant().Replace(' ', '_')}_NOT_FOUND", $"there is no {kind} '{name}'{suggestion}", metadata,
            new ResourceInfo { ResourceType = kind, ResourceName = name });
    }

    /// <summary>Asking again after a while may help.</summary>
    public static RpcException Retry(Code code, string reason, string message, TimeSpan after) =>
        Failure(code, reason, message, [], new RetryInfo { RetryDelay = Duration.FromTimeSpan(after) });

    public static RpcException Failure(Code code, string reason, string message, Dictionary<string, string>? metadata = null, params IMessage[] details)
    {
        var status = new Google.Rpc.Status
        {
            Code = (int)code, Message = message, Details = { Any.Pack(new ErrorInfo { Reason = reason, Domain = Domain, Metadata = { metadata ?? [] } }) },
        };
        foreach (var detail in details) status.Details.Add(Any.Pack(detail));
        return status.ToRpcException();
    }
}
