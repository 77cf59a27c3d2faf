using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>Turns the exceptions of the program into statuses with details; what is not expected is logged and told without its insides.</summary>
internal sealed partial class FailureInterceptor(ApiParts parts, IHostApplicationLifetime lifetime, ILogger<FailureInterceptor> log) : Interceptor
{
    /// <summary>A lock of the store is held for about one write.</summary>
    private static readonly TimeSpan RetryLocked = TimeSpan.FromSeconds(1);

    /// <summary>Making room, or a store that comes back, takes somebody's hand.</summary>
    private static readonly TimeSpan RetryStore = TimeSpan.FromSeconds(30);

    /// <summary>Another instance, or the next one, answers soon.</summary>
    private static readonly TimeSpan RetryShutdown = TimeSpan.FromSeconds(5);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        using var limit = context.Deadline < DateTime.MaxValue ? null : new CancellationTokenSource(parts.Options.UnaryLimit, parts.Time);
        using var either = limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.CancellationToken);
        if (either is not null) context = new LimitedCall(context, either.Token);
        try
        {
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e, context);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        switch (exception)
        {
            case OperationCanceledException when context is LimitedCall { IsOver: true }:
                return ApiFailure.Failure(Code.DeadlineExceeded, "DEADLINE_EXCEEDED",
                    FormattableString.Invariant($"no answer within {parts.Options.UnaryLimit.TotalSeconds} s, the limit for calls without a deadline"));
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
            case IOException when context.CancellationToken.IsCancellationRequested:
            case InvalidOperationException when context.CancellationToken.IsCancellationRequested:
                return context.Deadline < DateTime.MaxValue
                    ? ApiFailure.Failure(Code.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline has passed")
                    : ApiFailure.Failure(Code.Cancelled, "CANCELLED", "the caller has gone");
            case OperationCanceledException when lifetime.ApplicationStopping.IsCancellationRequested:
                return ApiFailure.Retry(Code.Unavailable, "SHUTTING_DOWN", "the service ends", RetryShutdown);
            case InputException input:
                return ApiFailure.Invalid(input.Problems.Select(p => new BadRequest.Types.FieldViolation { Field = p.Where, Description = p.What }));
            case OverloadException overload:
                return ApiFailure.Retry(Code.ResourceExhausted, "OVERLOADED", overload.Message, overload.RetryAfter);
            case BrokersDownException brokers:
                return ApiFailure.Retry(Code.Unavailable, "BROKERS_DOWN", brokers.Message, brokers.RetryAfter);
            case StoreException { Fault: StoreFault.Locked } store:
                return ApiFailure.Retry(Code.Unavailable, "STORE_LOCKED", store.Message, RetryLocked);
            case StoreException { Fault: StoreFault.Full } store:
                return ApiFailure.Retry(Code.ResourceExhausted, "STORE_FULL", store.Message, RetryStore);
            case StoreException { Fault: StoreFault.Damaged } store:
                LogStore(context.Method, store.Message);
                return ApiFailure.Failure(Code.DataLoss, "STORE_DAMAGED", store.Message);
            case StoreException { Fault: StoreFault.ReadOnly } store:
                return ApiFailure.Failure(Code.FailedPrecondition, "STORE_READ_ONLY", store.Message);
            case StoreException store:
                LogStore(context.Method, store.Message);
                return ApiFailure.Retry(Code.Unavailable, "STORE_UNAVAILABLE", store.Message, RetryStore);
            default:
                LogUnexpected(exception, context.Method);
                return ApiFailure.Failure(Code.Internal, "INTERNAL", "something went wrong here that should not; the service's log says what");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed: {Reason}")]
    private partial void LogStore(string method, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed in a way that is not expected")]
    private partial void LogUnexpected(Exception exception, string method);
}
