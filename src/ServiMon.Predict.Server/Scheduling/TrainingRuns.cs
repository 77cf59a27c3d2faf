using System.Runtime.CompilerServices;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>The training runs of this instance, the latest <see cref="Capacity"/> of them, for those who look and those who watch.</summary>
public sealed class TrainingRuns
{
    /// <summary>Runs kept: some months of a nightly schedule for a few profiles.</summary>
    public const int Capacity = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _byId = [];
    private readonly LinkedList<string> _order = [];
    private long _count;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<TrainingRun> List()
    {
        lock (_gate) return [.. _order.Select(id => _byId[id].Run)];
    }

    public TrainingRun? Find(string id)
    {
        lock (_gate) return _byId.GetValueOrDefault(id)?.Run;
    }

    /// <summary>The run as it stands, then at every change until it has ended. A slow reader gets the newest and no backlog.</summary>
    /// <returns>Nothing for an unknown run.</returns>
    public async IAsyncEnumerable<TrainingRun> WatchAsync(string id, [EnumeratorCancellation] CancellationToken ct = default)
    {
        while (true)
        {
            Entry? entry;
            Task changed;
            TrainingRun run;
            lock (_gate)
            {
                entry = _byId.GetValueOrDefault(id);
                if (entry is null) yield break;
                (run, changed) = (entry.Run, entry.Changed.Task);
            }
            yield return run;
            if (run.State != TrainingRunState.Running) yield break;
            await changed.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    internal TrainingRun Begin(TrainingOrder order, DateTimeOffset now)
    {
        lock (_gate)
        {
            var run = new TrainingRun
            {
                Id = FormattableString.Invariant($"{order.Profile}-{now.UtcDateTime:yyyyMMdd'T'HHmmss}-{++_count}"), Order = order, Started = now, Stage = "starting",
            };
            _byId.Add(run.Id, new Entry(run));
            _order.AddFirst(run.Id);
            while (_order.Count > Capacity)
            {
                _byId.Remove(_order.Last!.Value);
                _order.RemoveLast();
            }
            return run;
        }
    }

    internal void Change(string id, Func<TrainingRun, TrainingRun> change)
    {
        TaskCompletionSource told;
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out var entry)) return;
            entry.Run = change(entry.Run);
            told = entry.Changed;
            entry.Changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        told.SetResult();
    }

    private sealed class Entry(TrainingRun run)
    {
        public TrainingRun Run { get; set; } = run;

        public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
