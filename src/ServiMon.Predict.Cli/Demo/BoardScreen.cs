using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>Shows a board as it changes: drawn, as text, or as JSON.</summary>
internal sealed class BoardScreen(VerbRun run, TimeProvider wall)
{
    /// <summary>Between two pictures of a drawn table: smooth to the eye, cheap for a terminal.</summary>
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two printed tables where no terminal is.</summary>
    private static readonly TimeSpan PrintEvery = TimeSpan.FromSeconds(5);

    /// <summary>Shows the board until <paramref name="playing"/> has ended, however it ends, and once more then.</summary>
    public Task ShowAsync(Func<BoardView> view, Task playing)
    {
        if (!run.IsInteractive) return RepeatAsync(PrintEvery, () => Print(view()), playing);
        return AnsiConsole.Live(Drawn(view())).Overflow(VerticalOverflow.Crop).StartAsync(live =>
            RepeatAsync(DrawEvery, () => live.UpdateTarget(Drawn(view())), playing));
    }

    private async Task RepeatAsync(TimeSpan pause, Action show, Task playing)
    {
        do
        {
            show();
            await Task.WhenAny(playing, Task.Delay(pause, wall, CancellationToken.None));
        }
        while (!playing.IsCompleted);
        show();
        await playing;
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
