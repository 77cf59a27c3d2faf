using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Simulation;

/// <summary>Whether an asset works, is broken, or is down on purpose.</summary>
public enum AssetPhase { Running, Incident, Maintenance }

/// <summary>The hidden life of one asset, one step at a time, and the true probability of an incident ahead.</summary>
/// <remarks>
/// At step k, in this order: a repair or maintenance that is over renews the asset (level 0, age 0, and no failure in that step); else a
/// fault may begin, or goes on and may fail or be relieved; sudden death may strike. A window that begins at k comes before these, stops
/// whatever goes on, and is dropped if the asset is in an incident. Failure in (k-1, k] makes an incident that starts at k.
/// </remarks>
public sealed class AssetLife
{
    private readonly LifeModel _model;
    private readonly SurvivalTable _table;
    private readonly MaintenancePlan _plan;
    private readonly RandomStream _random;
    private readonly double _stepHours;
    private readonly double _totalWeight;
    private int _fault = -1;
    private int _severity;
    private Degradation? _process;
    private (int Start, int End) _nextWindow;

    public AssetLife(LifeModel model, SurvivalTable table, TimeSpan step, ulong seed, string path)
    {
        _model = model;
        _table = table;
        _stepHours = step.TotalHours;
        _random = new RandomStream(seed, path + "#life");
        _plan = new MaintenancePlan(model, step, new RandomStream(seed, path + "#maintenance"));
        _totalWeight = model.Faults.Sum(f => f.Weight);
        AgeHours = _random.Uniform(0, model.SuddenShape == 1 ? model.RestartHours : model.SuddenScaleHours);
        _nextWindow = _plan.Next(1);
    }

    /// <summary>Steps since the beginning.</summary>
    public int Step { get; private set; }

    public AssetPhase Phase { get; private set; } = AssetPhase.Running;

    /// <summary>The fault in progress; in an incident what led to it.</summary>
    public FaultMode Fault { get; private set; }

    /// <summary>Level of that fault: 0 at onset, 1 at failure; a Wiener process may be below 0.</summary>
    public double Level { get; private set; }

    /// <summary>Hours of running since the last renewal.</summary>
    public double AgeHours { get; private set; }

    /// <summary>The step at which the present incident or maintenance is over.</summary>
    public int ReadyAt { get; private set; }

    /// <summary>True in the step at whose end counters start again.</summary>
    public bool Restarted { get; private set; }

    /// <summary>Goes one step ahead.</summary>
    public void Advance()
    {
        Step++;
        Restarted = false;
        var renewed = Phase != AssetPhase.Running && Step >= ReadyAt;
        if (renewed) Renew();
        if (Phase != AssetPhase.Running) return;
        if (Step >= _nextWindow.Start)
        {
            var window = _nextWindow.Start == Step ? _nextWindow : _plan.Next(Step);
            _nextWindow = window.Start == Step ? _plan.Next(Step + 1) : window;
            if (window.Start == Step)
            {
                Clear();
                Phase = AssetPhase.Maintenance;
                ReadyAt = window.End;
                return;
            }
        }
        if (renewed) return;
        var failed = Degrade() || SuddenDeath();
        AgeHours += _stepHours;
        if (failed)
        {
            Phase = AssetPhase.Incident;
            Restarted = false;
            ReadyAt = Step + Math.Max(1, (int)Math.Round(_model.RepairHours / 2 * _random.Gamma(2) / _stepHours));
        }
        else if ((_fault < 0 || !_model.Faults[_fault].ReliefRestarts) && Occurs(_model.RestartHours))
        {
            Restarted = true;
        }
    }

    /// <summary>P(an incident starts in (now, now + steps] | everything hidden, with the maintenance planned).</summary>
    public double TrueProbability(int steps)
    {
        var end = Step + steps;
        var from = Phase == AssetPhase.Running ? Step : ReadyAt;
        var fresh = Phase != AssetPhase.Running;
        var survival = 1.0;
        while (from < end)
        {
            var window = _plan.Next(fresh ? from : from + 1);
            var exposed = Math.Max(0, Math.Min(end, window.Start - 1) - from);
            survival *= fresh
                ? _table.Healthy(exposed) * SuddenSurvival(0, exposed)
                : Ahead(exposed) * SuddenSurvival(AgeHours, exposed);
            if (window.Start > end) break;
            from = window.End;
            fresh = true;
        }
        return Math.Clamp(1 - survival, 0, 1);
    }

    private double Ahead(int steps) => _fault < 0 ? _table.Healthy(steps) : _table.Degrading(_fault, _severity, 1 - Level, steps);

    private double SuddenSurvival(double age, int steps) =>
        FirstPassage.WeibullSurvival(age, steps * _stepHours, _model.SuddenShape, _model.SuddenScaleHours);

    private bool SuddenDeath()
    {
        if (_random.Chance(SuddenSurvival(AgeHours, 1))) return false;
        Fault = FaultMode.SuddenDeath;
        return true;
    }

    private bool Degrade()
    {
        if (_process is null)
        {
            if (Occurs(_model.OnsetHours)) Begin();
            return false;
        }
        Level = _process.Advance(Level, _stepHours, _random);
        if (Level >= 1 && !_model.FaultsAreHarmless) return true;
        var fault = _model.Faults[_fault];
        if (Level < 1 && !Occurs(fault.ReliefHours)) return false;
        Restarted = fault.ReliefRestarts;
        Clear();
        return false;
    }

    private void Begin()
    {
        var pick = _random.Uniform(0, _totalWeight);
        _fault = 0;
        while (_fault < _model.Faults.Length - 1 && (pick -= _model.Faults[_fault].Weight) >= 0) _fault++;
        _severity = _random.Index(LifeModel.SeverityClasses.Length);
        _process = _model.Faults[_fault].Process.Faster(LifeModel.SeverityClasses[_severity]);
        Fault = _model.Faults[_fault].Mode;
        Level = 0;
    }

    private void Renew()
    {
        Clear();
        AgeHours = 0;
        Phase = AssetPhase.Running;
        Restarted = true;
    }

    private void Clear()
    {
        _fault = -1;
        _process = null;
        Fault = FaultMode.None;
        Level = 0;
    }

    private bool Occurs(double meanHours) => _random.Chance(1 - Math.Exp(-_stepHours / meanHours));
}
