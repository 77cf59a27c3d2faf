using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing.Streams;

namespace ServiMon.Predict.Tests.Detection;

public sealed class SeriesDetectorSubject : StreamSubject
{
    private SeriesDetector _detector = new();

    public override Type Subject => typeof(SeriesDetector);

    public override int Width => 1;

    public override int? ProbabilityAt => 1;

    public override void Restart(int seed) => _detector = new SeriesDetector();

    public override double[] Observe(long ticks, ReadOnlySpan<double> values) => AssetDetectorSubject.Numbers(_detector.Observe(ticks, values[0]));

    public override void CopyFrom(StreamSubject other) => _detector.CopyFrom(((SeriesDetectorSubject)other)._detector);

    public override void Save(StateWriter writer) => _detector.Save(writer);

    public override void Load(ref StateReader reader) => _detector.Load(ref reader);

    public override bool IsNeutral(double[] said) => AssetDetectorSubject.IsNeutralRow(said);
}

public sealed class AssetDetectorSubject : StreamSubject
{
    private AssetDetector _detector = new(5);

    public override Type Subject => typeof(AssetDetector);

    public override int Width => 5;

    public override int? ProbabilityAt => 1;

    public static double[] Numbers(DetectionRow row) => [row.Score, row.PValue, (double)row.Verdict, row.LocationTicks ?? 0];

    public static bool IsNeutralRow(ReadOnlySpan<double> said) => said is [_, 1, 0, 0];

    public override void Restart(int seed) => _detector = new AssetDetector(5);

    public override double[] Observe(long ticks, ReadOnlySpan<double> values)
    {
        var rows = new DetectionRow[5];
        _detector.Observe(ticks, values, rows);
        return [.. rows.SelectMany(Numbers)];
    }

    public override void CopyFrom(StreamSubject other) => _detector.CopyFrom(((AssetDetectorSubject)other)._detector);

    public override void Save(StateWriter writer) => _detector.Save(writer);

    public override void Load(ref StateReader reader) => _detector.Load(ref reader);

    public override bool IsNeutral(double[] said) => Enumerable.Range(0, 5).All(k => IsNeutralRow(said.AsSpan(4 * k, 4)));
}

public sealed class SubspaceDetectorSubject : StreamSubject
{
    private SubspaceDetector _detector = new(6, 2);

    public override Type Subject => typeof(SubspaceDetector);

    public override int Width => 6;

    public override int? ProbabilityAt => 1;

    public override void Restart(int seed) => _detector = new SubspaceDetector(6, 2);

    public override double[] Observe(long ticks, ReadOnlySpan<double> values)
    {
        var shares = new double[6];
        var row = _detector.Observe(values, shares);
        return [row.Score, row.PValue, .. shares];
    }

    public override void CopyFrom(StreamSubject other) => _detector.CopyFrom(((SubspaceDetectorSubject)other)._detector);

    public override void Save(StateWriter writer) => _detector.Save(writer);

    public override void Load(ref StateReader reader) => _detector.Load(ref reader);

    public override bool IsNeutral(double[] said) => said is [0, 1, ..];
}
