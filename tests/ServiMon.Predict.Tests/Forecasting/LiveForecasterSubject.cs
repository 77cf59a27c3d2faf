using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing.Streams;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>Follows a stream, is fitted anew whenever that is due, and says what comes next after each step.</summary>
public sealed class LiveForecasterSubject : StreamSubject
{
    private const int StepsBetweenBreaches = 100;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private LiveForecaster _live = new(Step);

    public override Type Subject => typeof(LiveForecaster);

    public override int Width => 1;

    public override int? ProbabilityAt => 0;

    public override void Restart(int seed) => _live = new LiveForecaster(Step);

    public override double[] Observe(long ticks, ReadOnlySpan<double> values)
    {
        _live.Observe(ticks, values[0]);
        if (_live.RefitDue) _live = _live.Refitted();
        if (!_live.IsReady) return [0, 0, 0, 0, 0, 0, 0];
        var (near, far) = (_live.Forecast(1, 0.95).Rows().Single(), _live.Forecast(50, 0.5).Rows().Last());
        var breach = ticks / Step.Ticks % StepsBetweenBreaches == 0 ? _live.Breach(near.Median + 1, below: false, [1, 20])[1].Probability : 0;
        return [breach, near.Lower, near.Median, near.Upper, far.Lower, far.Median, far.Upper];
    }

    public override void CopyFrom(StreamSubject other) => _live = ((LiveForecasterSubject)other)._live.Copy();

    public override void Save(StateWriter writer) => _live.Save(writer);

    public override void Load(ref StateReader reader) => _live = LiveForecaster.Load(ref reader);

    /// <summary>Nothing is expected to change: no width, up to the last digits of a billion.</summary>
    public override bool IsNeutral(double[] said) => said[3] - said[1] <= 1e-6 && said[6] - said[4] <= 1e-6 && Math.Abs(said[2] - said[5]) <= 1e-6;
}
