using ServiMon.Predict.Storage.Csv;
using Spectre.Console;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>One bar for each stage of a long piece of work, on a terminal; nothing at all elsewhere.</summary>
internal sealed class ProgressBars
{
    private readonly ProgressContext? _context;
    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private readonly Lock _lock = new();

    private ProgressBars(ProgressContext? context) => _context = context;

    /// <summary>Bars that are not drawn.</summary>
    public static ProgressBars None { get; } = new(null);

    public static async Task<T> Around<T>(bool visible, Func<ProgressBars, Task<T>> work)
    {
        if (!visible) return await work(None);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => work(new ProgressBars(context)));
    }

    /// <summary>Moves the bar of a stage; the first report of a stage draws it. A bar never goes back.</summary>
    /// <param name="share">0 to 1.</param>
    public void Report(string stage, double share)
    {
        if (_context is null) return;
        lock (_lock)
        {
            if (!_tasks.TryGetValue(stage, out var task)) _tasks[stage] = task = _context.AddTask(Markup.Escape(stage), maxValue: 1);
            task.Value = Math.Max(task.Value, Math.Clamp(share, 0, 1));
        }
    }

    /// <summary>The bars as the receiver of a library's progress, called where the progress is made.</summary>
    public IProgress<T> For<T>(Func<T, (string Stage, double Share)> read) => new Receiver<T>(this, read);

    /// <summary>A bar for reading one CSV file, by bytes.</summary>
    public IProgress<CsvProgress> ForCsv(string path) =>
        For<CsvProgress>(p => ($"reading {Path.GetFileName(path)}", p.BytesTotal > 0 ? p.BytesRead / (double)p.BytesTotal : 1));

    private sealed class Receiver<T>(ProgressBars bars, Func<T, (string Stage, double Share)> read) : IProgress<T>
    {
        public void Report(T value)
        {
            var (stage, share) = read(value);
            bars.Report(stage, share);
        }
    }
}
