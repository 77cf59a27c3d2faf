using ServiMon.Predict.Cli.Terminal;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>What a demo has prepared: a board to play, how long that takes, and what to say at the end.</summary>
/// <param name="Duration">Wall time of the replay.</param>
/// <param name="Summary">Lines about what the board shows in the end.</param>
internal sealed record PreparedDemo(RiskBoard Board, TimeSpan Duration, Func<RiskBoard, IEnumerable<string>> Summary);

/// <summary>A demo from start to end: prepare, play, summarise; ended early by <c>--for</c> or by a signal.</summary>
internal sealed class DemoRun(VerbRun run, TimeProvider time, TimeSpan? limit)
{
    public async Task RunAsync(Func<VerbRun, CancellationToken, Task<PreparedDemo>> prepare)
    {
        using var timer = limit is { } span ? new CancellationTokenSource(span, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, run.Stop);
        PreparedDemo? prepared = null;
        try
        {
            prepared = await prepare(run, either.Token);
            await new LiveReplay(run, time).PlayAsync(prepared.Board, prepared.Duration, either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !run.Stop.IsCancellationRequested)
        {
            run.Note($"ended after {SpanText.Of(limit!.Value)}, as asked{(prepared is null ? ", before the models were trained" : "")}");
        }
        catch (OperationCanceledException) when (prepared is not null)
        {
            Summarise(prepared);
            throw;
        }
        if (prepared is not null) Summarise(prepared);
    }

    private void Summarise(PreparedDemo prepared)
    {
        if (run.Json) run.Out.WriteLine(BoardJson.Line("summary", prepared.Board.View()));
        else
            foreach (var line in prepared.Summary(prepared.Board)) run.Out.WriteLine(line);
    }
}
