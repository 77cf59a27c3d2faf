namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>One axis drive of a telescope: tracks and slews at night, is parked by day, when wear shows little.</summary>
public sealed class DriveTelemetry(RandomStream birth) : ITelemetry
{
    public static IReadOnlyList<string> Metrics { get; } =
    [
        "drive_motor_current_amperes", "drive_motor_torque_newton_metres", "drive_motor_temperature_celsius",
        "drive_bearing_vibration_mm_per_second", "drive_position_error_arcseconds", "drive_velocity_degrees_per_second",
        "drive_brake_faults_total", "drive_power_supply_volts", "drive_encoder_errors_total", "drive_operating_hours",
    ];

    /// <summary>Share of the night spent in slews between targets, and the mean length of one in hours.</summary>
    private const double SlewShare = 0.12, SlewHours = 0.05;

    /// <summary>The sky's motion, 15 arcseconds per second, in degrees per second.</summary>
    private const double SiderealRate = 0.00418;

    private readonly double _current = birth.Uniform(1.6, 2.6);
    private readonly double _torquePerAmpere = birth.Uniform(9, 12);
    private readonly double _vibration = birth.Uniform(0.5, 1.0);
    private readonly double _errorArcseconds = birth.Uniform(0.8, 1.6);
    private readonly double _volts = birth.Uniform(47.7, 48.3);
    private Episodes? _slews;
    private double _celsius = double.NaN, _brakeFaults, _encoderErrors;

    public void Observe(in Conditions now, RandomStream random, Span<double> row)
    {
        _slews ??= new Episodes(TimeSpan.FromSeconds(now.StepSeconds), SlewShare, SlewHours);
        var slew = _slews.Next(random) && now.Climate.Night;
        var tracking = now.Climate.Night ? 1.0 : 0;
        var wear = now.Level(FaultMode.BearingWear);
        var brake = now.Level(FaultMode.BrakeWear);
        var link = now.Level(FaultMode.LinkLoss);
        var heat = now.Level(FaultMode.Overheating);
        var velocity = slew ? random.Uniform(0.5, 3.5) : SiderealRate * tracking * (1 + 0.05 * random.Normal());

        var effort = tracking * (1 + 0.8 * wear + 0.5 * brake) * (_current * now.Load + 1.4 * velocity);
        var current = Math.Max(0.05, 0.35 + effort + 0.12 * random.Normal());
        var settled = now.Climate.OutsideCelsius + 4 + 1.1 * current * current + 5 * wear + 48 * heat;
        var lag = 1 - Math.Exp(-now.StepSeconds / 1500);
        _celsius = double.IsNaN(_celsius) ? settled : _celsius + lag * (settled - _celsius);
        _brakeFaults += random.Poisson(now.StepSeconds * (0.000003 + 0.003 * brake * brake));
        _encoderErrors += random.Poisson(now.StepSeconds * (0.0002 + 0.08 * link * link));

        var shaking = tracking * (_vibration + 0.5 * velocity) * (1 + 5 * Math.Pow(wear, 1.5));
        var error = _errorArcseconds * (1 + 3 * wear + 4 * link * link + 2 * velocity) * Math.Exp(0.35 * random.Normal());
        row[0] = current;
        row[1] = current * _torquePerAmpere * (1 + 0.03 * random.Normal());
        row[2] = _celsius + 0.4 * random.Normal();
        row[3] = (0.05 + shaking) * Math.Exp(0.2 * random.Normal());
        row[4] = tracking == 0 ? 0.05 * Math.Abs(random.Normal()) : error;
        row[5] = velocity;
        row[6] = _brakeFaults;
        row[7] = _volts - 0.06 * current + 0.05 * random.Normal();
        row[8] = _encoderErrors;
        row[9] = now.AgeHours;
    }

    /// <summary>A drive that is down is cut from its supply; only the supply's own meter answers.</summary>
    public void ObserveDown(RandomStream random, Span<double> row) => row[7] = Math.Abs(0.05 * random.Normal());

    public void Restart() => _brakeFaults = _encoderErrors = 0;
}
