using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Tests;

/// <summary>The whole service in this process, for <see cref="LiveFleets.Profile"/>, on ports of its own. To be disposed before its store.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningService(ServiceOptions options, IStore store, TimeProvider time, ILoggerFactory loggers, TaskCompletionSource<IReadOnlyList<string>> listening) =>
        _running = PredictService.RunAsync(options, [LiveFleets.Profile], store, time, loggers, listening.SetResult, _stop.Token);

    public HttpClient Http { get; } = new();

    public GrpcChannel Channel { get; private set; } = null!;

    public static async Task<RunningService> StartAsync(ServiceOptions options, IStore store, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        var listening = new TaskCompletionSource<IReadOnlyList<string>>();
        var service = new RunningService(options, store, time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, listening);
        await (await Task.WhenAny(listening.Task, service._running)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var addresses = await listening.Task.WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(2, addresses.Count);
        service.Http.BaseAddress = new Uri(addresses[0]);
        service.Channel = GrpcChannel.ForAddress(addresses[1]);
        return service;
    }

    /// <summary>Stops it as at SIGTERM.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        Channel.Dispose();
        Http.Dispose();
        _stop.Dispose();
    }
}
