namespace ServiMon.Predict.Simulation;

/// <summary>The planned maintenance of one asset, in steps, known arbitrarily far ahead: part of the hidden state.</summary>
public sealed class MaintenancePlan(LifeModel model, TimeSpan step, RandomStream random)
{
    private readonly List<(int Start, int End)> _windows = [];
    private double _nextHours = random.Uniform(0.05, 1) * model.MaintenanceIntervalHours;

    /// <summary>The first window with Start at or after a step. Windows do not overlap, and last one step at least.</summary>
    public (int Start, int End) Next(int from)
    {
        while (_windows.Count == 0 || _windows[^1].Start < from) Extend();
        var index = _windows.Count - 1;
        while (index > 0 && _windows[index - 1].Start >= from) index--;
        return _windows[index];
    }

    private void Extend()
    {
        var start = Math.Max((int)(_nextHours / step.TotalHours), _windows.Count == 0 ? 1 : _windows[^1].End + 1);
        var length = Math.Max(1, (int)Math.Round(random.Uniform(0.5, 1.5) * model.MaintenanceHours / step.TotalHours));
        _windows.Add((start, start + length));
        _nextHours += random.Uniform(0.6, 1.4) * model.MaintenanceIntervalHours;
    }
}
