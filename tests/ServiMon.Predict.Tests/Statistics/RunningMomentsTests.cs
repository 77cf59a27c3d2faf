using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class RunningMomentsTests
{
    [Fact]
    public void Agrees_with_two_passes() => (from x in Gen.Double[-10, 10].Array[1, 50] from offset in Gen.Bool.Select(far => far ? 1e9 : 0) select x.Select(v => v + offset).ToArray())
        .Sample(values =>
        {
            var moments = new RunningMoments();
            foreach (var value in values) moments.Add(value);
            var mean = values.Average();
            Assert.Equal(mean, moments.Mean, 1e-6);
            Assert.Equal(Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), moments.Deviation, 1e-4);
        });
}
