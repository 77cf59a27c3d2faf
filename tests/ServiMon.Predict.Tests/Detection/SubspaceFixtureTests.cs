using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>The state of a detector over several metrics, as its version was first written, goes on as if it had been made today.</summary>
public sealed class SubspaceFixtureTests
{
    private const int Saved = 700;

    [Fact]
    public void Version_1_goes_on_where_it_was_saved()
    {
        var (fresh, loaded) = (new SubspaceDetector(3), new SubspaceDetector(3));
        var reader = new StateReader(File.ReadAllBytes(Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Detection", "Fixtures", "subspace-state-v1.bin")));
        loaded.Load(ref reader);
        Assert.True(reader.AtEnd);
        Assert.Equal(Saved, loaded.StepCount);
        var (expected, actual) = (new double[3], new double[3]);
        for (var i = 0; i < 1000; i++)
        {
            var today = fresh.Observe(StateFixtureTests.Values(i), expected);
            if (i < Saved) continue;
            var old = loaded.Observe(StateFixtureTests.Values(i), actual);
            // Roots may differ in the last bit from one machine to another; the state was written on one of them.
            Assert.Equal(today.Score, old.Score, 1e-3);
            Assert.Equal(today.PValue, old.PValue, 1e-3);
            for (var k = 0; k < 3; k++) Assert.Equal(expected[k], actual[k], 1e-3);
        }
    }
}
