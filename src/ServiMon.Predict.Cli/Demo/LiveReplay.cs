using ServiMon.Predict.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Plays a board from its start to its end at a fixed pace, and shows it: drawn, as text, or as JSON.</summary>
internal sealed class LiveReplay(VerbRun run, TimeProvider time)
{
    /// <summary>Refreshes a second of a drawn table: smooth to the eye, cheap for a terminal.</summary>
    private const int FramesPerSecond = 4;

    /// <summary>Between two printed tables where no terminal is.</summary>
    private static readonly TimeSpan PrintEvery = TimeSpan.FromSeconds(5);

    /// <summary>Plays until the end, or until told to stop.</summary>
    /// <param name="duration">Wall time that the whole replay takes; the steps of the clock do not depend on how fast the machine is.</param>
    /// <exception cref="OperationCanceledException">When told to stop.</exception>
    public async Task PlayAsync(RiskBoard board, TimeSpan duration, CancellationToken stop)
    {
        if (run.IsInteractive)
        {
            await AnsiConsole.Live(Drawn(board.View())).Overflow(VerticalOverflow.Crop).StartAsync(live =>
                StepAsync(board, duration, TimeSpan.FromSeconds(1.0 / FramesPerSecond), view => live.UpdateTarget(Drawn(view)), stop));
            return;
        }
        await StepAsync(board, duration, PrintEvery, Print, stop);
    }

    private async Task StepAsync(RiskBoard board, TimeSpan duration, TimeSpan frame, Action<BoardView> show, CancellationToken stop)
    {
        var frames = Math.Max(1, (int)Math.Ceiling(duration / frame));
        for (var i = 0; i <= frames; i++)
        {
            var started = time.GetTimestamp();
            stop.ThrowIfCancellationRequested();
            board.AdvanceTo(board.Length * ((double)i / frames));
            show(board.View());
            var rest = frame - time.GetElapsedTime(started);
            if (i < frames && rest > TimeSpan.Zero) await Task.Delay(rest, time, stop);
        }
    }

    private static IRenderable Drawn(BoardView view) => BoardTable.Draw(view, AnsiConsole.Profile.Width, AnsiConsole.Profile.Height);

    private void Print(BoardView view)
    {
        if (run.Json) run.Out.WriteLine(BoardJson.Line("board", view));
        else
            foreach (var line in BoardText.Lines(view)) run.Out.WriteLine(line);
        run.Out.Flush();
    }
}
