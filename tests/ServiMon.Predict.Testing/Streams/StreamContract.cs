using System.Reflection;

namespace ServiMon.Predict.Testing.Streams;

/// <summary>What holds for everything that takes a stream, whatever it is fed.</summary>
public static class StreamContract
{
    private const int StepCount = 1500;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    /// <summary>Inputs that break what is carelessly written, by name.</summary>
    public static readonly string[] Inputs =
        ["clean", "missing", "infinite", "constant", "offset", "resets", "gaps", "one", "huge", "tiny", "late"];

    /// <summary>A new subject of each class in an assembly.</summary>
    public static IEnumerable<StreamSubject> SubjectsIn(Assembly assembly) =>
        from type in assembly.GetTypes()
        where type.IsSubclassOf(typeof(StreamSubject)) && !type.IsAbstract
        orderby type.Name
        select (StreamSubject)Activator.CreateInstance(type)!;

    /// <summary>The public types of an assembly that observe steps one by one.</summary>
    public static IEnumerable<Type> ObserversIn(Assembly assembly, string nameSpace) =>
        from type in assembly.GetExportedTypes()
        where type.Namespace == nameSpace && type.IsClass && type.GetMethods().Any(m => m.Name == "Observe")
        select type;

    public static void HoldsOn(Func<StreamSubject> make, string input)
    {
        var steps = Steps(input, make().Width);
        var whole = Run(make(), steps, 0, steps.Count);
        foreach (var said in whole)
        {
            Assert.All(said, number => Assert.False(double.IsNaN(number) || double.IsInfinity(number), $"{number} on {input}"));
            if (make().ProbabilityAt is { } at) Assert.InRange(said[at], 0, 1);
        }

        Assert.Equal(whole, Run(make(), steps, 0, steps.Count));
        var half = steps.Count / 2;
        Assert.Equal(whole[..half], Run(make(), steps, 0, half));
        SavedAndLoadedInMidStreamGoesOn(make, steps, half, whole);
        CopiesAreIndependent(make, steps, half, whole);
        if (input == "constant") Assert.All(whole, said => Assert.True(make().IsNeutral(said), string.Join(", ", said)));
        if (input == "one") Assert.True(make().IsNeutral(Assert.Single(whole)));
    }

    private static void SavedAndLoadedInMidStreamGoesOn(Func<StreamSubject> make, List<(long, double[])> steps, int half, double[][] whole)
    {
        var first = make();
        Run(first, steps, 0, half);
        var bytes = Saved(first);
        var second = make();
        second.Restart(99);
        var reader = new StateReader(bytes);
        second.Load(ref reader);
        Assert.True(reader.AtEnd, $"{reader.Left} bytes are left");
        Assert.Equal(bytes, Saved(second));
        Assert.Equal(whole[half..], Go(second, steps, half, steps.Count));
        for (var length = 0; length < bytes.Length; length += 1 + bytes.Length / 50)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() =>
            {
                var short_ = new StateReader(cut);
                make().Load(ref short_);
            });
        }
    }

    private static void CopiesAreIndependent(Func<StreamSubject> make, List<(long, double[])> steps, int half, double[][] whole)
    {
        var (original, copy) = (make(), make());
        original.Restart(1);
        copy.Restart(1);
        Go(original, steps, 0, half);
        copy.CopyFrom(original);
        var values = new double[original.Width];
        Array.Fill(values, 1e6);
        for (var i = 1; i < 50; i++) original.Observe(steps[^1].Item1 + i * Step.Ticks, values);
        Assert.Equal(whole[half..], Go(copy, steps, half, steps.Count));
    }

    private static double[][] Run(StreamSubject subject, List<(long Ticks, double[] Values)> steps, int from, int to)
    {
        subject.Restart(1);
        return Go(subject, steps, from, to);
    }

    private static double[][] Go(StreamSubject subject, List<(long Ticks, double[] Values)> steps, int from, int to) =>
        [.. steps[from..to].Select(step => subject.Observe(step.Ticks, step.Values))];

    private static byte[] Saved(StreamSubject subject)
    {
        var writer = new StateWriter();
        subject.Save(writer);
        return writer.Written.ToArray();
    }

    private static List<(long Ticks, double[] Values)> Steps(string input, int width)
    {
        var random = new Random(7);
        var series = Enumerable.Range(0, width).Select(k => SyntheticSeries.Make(k % 2 == 0 ? "seasonal" : "ar1", StepCount, 20 + k)).ToArray();
        var ticks = SyntheticSeries.Ticks(StepCount, Step);
        var steps = Enumerable.Range(0, input == "one" ? 1 : StepCount).Select(i => (ticks[i], series.Select(s => s[i]).ToArray())).ToList();
        for (var i = 0; i < steps.Count; i++)
        {
            var (time, values) = steps[i];
            if (input == "gaps" && i >= StepCount / 3) time += TimeSpan.FromDays(3).Ticks * (1 + i / 300);
            if (input == "late" && i % 50 == 20) time -= 3 * Step.Ticks;
            for (var k = 0; k < width; k++) values[k] = Bend(input, values[k], i, random);
            steps[i] = (time, values);
        }

        return steps;
    }

    private static double Bend(string input, double value, int i, Random random) => input switch
    {
        "missing" => random.Next(5) == 0 || i is > 400 and < 480 ? double.NaN : value,
        "infinite" => i % 97 == 5 ? double.PositiveInfinity : i % 89 == 3 ? double.NegativeInfinity : value,
        "constant" => 1e9 + 0.1,
        "offset" => 1e9 + value,
        "resets" => (i % 400) * 1e4 + value,
        "huge" => value * Math.Pow(10, random.Next(-300, 300)),
        "tiny" => value * 1e-290,
        _ => value,
    };
}
