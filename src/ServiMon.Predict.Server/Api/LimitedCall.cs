using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace ServiMon.Predict.Server.Api;

/// <summary>A call whose caller gave no deadline, with the server's: another token, and all else as it is.</summary>
internal sealed class LimitedCall : ServerCallContext
{
    /// <summary>Where <c>GetHttpContext</c> of Grpc.AspNetCore.Server looks in calls that are not its own.</summary>
    private const string HttpContextKey = "__HttpContext";

    private readonly ServerCallContext _call;
    private readonly CancellationToken _limited;

    public LimitedCall(ServerCallContext call, CancellationToken limited)
    {
        (_call, _limited) = (call, limited);
        call.UserState[HttpContextKey] = call.GetHttpContext();
    }

    /// <summary>True when the server's limit ended the call, and not its caller.</summary>
    public bool IsOver => _limited.IsCancellationRequested && !_call.CancellationToken.IsCancellationRequested;

    protected override string MethodCore => _call.Method;

    protected override string HostCore => _call.Host;

    protected override string PeerCore => _call.Peer;

    protected override DateTime DeadlineCore => _call.Deadline;

    protected override Metadata RequestHeadersCore => _call.RequestHeaders;

    protected override CancellationToken CancellationTokenCore => _limited;

    protected override Metadata ResponseTrailersCore => _call.ResponseTrailers;

    protected override Status StatusCore { get => _call.Status; set => _call.Status = value; }

    protected override WriteOptions? WriteOptionsCore { get => _call.WriteOptions; set => _call.WriteOptions = value; }

    protected override AuthContext AuthContextCore => _call.AuthContext;

    protected override IDictionary<object, object> UserStateCore => _call.UserState;

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => _call.CreatePropagationToken(options);

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => _call.WriteResponseHeadersAsync(responseHeaders);
}
