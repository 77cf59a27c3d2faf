using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// Plays the rows of one asset through an <see cref="AssetMonitor"/>: what training and backtests do with history. Each row's evidence
/// comes from the rows up to and including it.
/// </summary>
public sealed class AssetReplay
{
    private readonly AssetGrid _grid;
    private readonly AssetMonitor _monitor;
    private readonly OpenStep _step;
    private readonly int[] _columns;
    private AssetRows _rows;
    private long _following = long.MaxValue;
    private AssetMonitor? _beforeStep;
    private bool _sameStep;
    private AssetCondition _away = AssetCondition.Normal;

    public AssetReplay(EvidenceModel model, AssetRows rows) : this(model, rows.Asset, rows.Metrics, rows.Count > 0 ? rows.Ticks[0] : 0) =>
        _rows = rows;

    /// <summary>A replay whose rows come piece by piece: see <see cref="Continue"/>.</summary>
    /// <param name="metrics">Columns of all pieces.</param>
    /// <param name="anchorTicks">The asset's earliest row.</param>
    public AssetReplay(EvidenceModel model, string asset, IReadOnlyList<string> metrics, long anchorTicks)
    {
        _rows = new AssetRows(asset, metrics, [], []);
        _monitor = new AssetMonitor(model);
        _grid = new AssetGrid(anchorTicks, model.Profile.Step.Ticks);
        _step = new OpenStep(model.Profile.Metrics.Length, model.Profile.Step.Ticks);
        var columnOf = Enumerable.Range(0, metrics.Count).ToDictionary(i => metrics[i], i => i);
        _columns = [.. model.Profile.Metrics.Select(m => columnOf.GetValueOrDefault(m.Name, -1))];
    }

    public AssetMonitor Monitor => _monitor;

    /// <summary>True when the row played last is the last one of its step.</summary>
    public bool EndsStep => !_sameStep;

    /// <summary>Index of the row that <see cref="Advance"/> takes next.</summary>
    public int NextRow { get; private set; }

    /// <summary>UTC ticks of the next row; <see cref="long.MaxValue"/> at the end.</summary>
    public long NextTicks => NextRow < _rows.Count ? _rows.Ticks[NextRow] : long.MaxValue;

    /// <summary>Goes on with the next piece, once the one before is played to its end.</summary>
    /// <param name="rows">Later rows with the same columns.</param>
    /// <param name="following">UTC ticks of the first row after them; <see cref="long.MaxValue"/> when there is none before a skip or the end.</param>
    public void Continue(AssetRows rows, long following)
    {
        if (NextRow < _rows.Count) throw new InvalidOperationException($"{_rows.Count - NextRow} rows of the piece before are not played");
        _rows = rows;
        _following = following;
        NextRow = 0;
    }

    /// <summary>Passes over rows that are there but are not read, up to a time: see <see cref="AssetMonitor.Skip"/>.</summary>
    /// <param name="ticks">The beginning of a step.</param>
    /// <param name="spreadSteps">Steps from there on that stand for those left out.</param>
    public void SkipTo(long ticks, long spreadSteps)
    {
        _sameStep = false;
        _monitor.Skip(_grid.StepOf(ticks), spreadSteps);
    }

    /// <summary>Copies the next row's raw values in the order of the profile's metrics, NaN for missing.</summary>
    public void CopyNext(Span<double> raw)
    {
        for (var m = 0; m < _columns.Length; m++) raw[m] = Raw(NextRow, m);
    }

    /// <summary>Plays the next row.</summary>
    /// <param name="condition">Other than normal: the row is passed over, and the asset starts anew with the first normal one.</param>
    /// <param name="evidence">Filled as by <see cref="AssetMonitor.Advance"/>; untouched when the row is passed over.</param>
    /// <param name="values">Likewise.</param>
    /// <returns>False when the row was passed over.</returns>
    public bool Advance(AssetCondition condition, Span<float> evidence, Span<double> values = default)
    {
        var row = NextRow++;
        if (condition != AssetCondition.Normal)
        {
            _away = condition == AssetCondition.Incident || _away == AssetCondition.Incident ? AssetCondition.Incident : condition;
            _sameStep = false;
            return false;
        }
        // What comes back from a failure is a new unit; what comes back from maintenance is the old one with evidence of its own again.
        if (_away == AssetCondition.Incident) _monitor.Reset();
        else if (_away == AssetCondition.Maintenance) _monitor.Renew();
        _away = AssetCondition.Normal;

        var step = _grid.StepOf(_rows.Ticks[row]);
        if (_sameStep) _monitor.CopyFrom(_beforeStep!);
        else _step.Clear(step);
        var metrics = _monitor.Model.Profile.Metrics;
        for (var m = 0; m < metrics.Length; m++)
            if (double.IsFinite(Raw(row, m))) _step.Put(m, metrics[m].Aggregation, _rows.Ticks[row], Raw(row, m));

        // Several rows in one step: each is answered from the rows so far, and the step itself counts once.
        var following = row + 1 < _rows.Count ? _rows.Ticks[row + 1] : _following;
        var more = following != long.MaxValue && _grid.StepOf(following) == step;
        if (more && !_sameStep) (_beforeStep ??= new AssetMonitor(_monitor.Model)).CopyFrom(_monitor);
        _sameStep = more;
        _monitor.Advance(new Frame(step, _rows.Ticks[row], _step.Close(metrics)), evidence, values);
        return true;
    }

    private double Raw(int row, int metric) => _columns[metric] < 0 ? double.NaN : _rows.Row(row)[_columns[metric]];
}
