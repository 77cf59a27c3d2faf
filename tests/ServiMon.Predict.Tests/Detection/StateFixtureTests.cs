using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>A state as its version was first written is read for good, and goes on as if it had been made today; older versions are refused.</summary>
public class StateFixtureTests
{
    private const int Saved = 700;

    /// <summary>
    /// The spike statistic and its law were learned by other rules, those of the hours also when version 5 was first written, so what follows is near that of today, not
    /// equal to it. That a state goes on to the bit is held by the contract of all detectors.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_version_that_is_read_goes_on_where_it_was_saved(int version)
    {
        var fresh = new AssetDetector(3);
        var loaded = new AssetDetector(3);
        var bytes = File.ReadAllBytes(Fixture(version));
        var reader = new StateReader(bytes);
        loaded.Load(ref reader);
        Assert.True(reader.AtEnd);
        Assert.Equal(Saved, loaded.StepCount);
        var (expected, actual) = (new DetectionRow[3], new DetectionRow[3]);
        var ticks = SyntheticSeries.Ticks(1000, TimeSpan.FromHours(1));
        var (expectedScores, actualScores, apart) = (new double[3], new double[3], new double[3]);
        for (var i = 0; i < ticks.Length; i++)
        {
            fresh.Observe(ticks[i], Values(i), expected);
            if (i < Saved) continue;
            loaded.Observe(ticks[i], Values(i), actual);
            for (var k = 0; k < 3; k++)
            {
                apart[k] += Math.Abs(expected[k].PValue - actual[k].PValue) / (ticks.Length - Saved);
                expectedScores[k] += expected[k].Score;
                actualScores[k] += actual[k].Score;
                Assert.Equal(expected[k].LocationTicks, actual[k].LocationTicks);
                // What version 2 knew of drift is not used.
                if (version > 2) Assert.Equal(fresh.Health(k).DriftUp, loaded.Health(k).DriftUp, 0.05);
            }
        }

        // One by one they are told or not by how they compare with the last one.
        for (var k = 0; k < 3; k++)
        {
            Assert.InRange(apart[k], 0, version > 4 ? 0.04 : 0.1);
            Assert.InRange(actualScores[k], 0.8 * expectedScores[k] - 1, 1.25 * expectedScores[k] + 1);
        }
    }

    [Fact]
    public void Another_version_or_size_is_refused()
    {
        var bytes = File.ReadAllBytes(Fixture(6));
        Assert.Contains("3 metrics", Assert.Throws<InvalidDataException>(() => Load(new AssetDetector(4), bytes)).Message, StringComparison.Ordinal);
        bytes[0] = 7;
        Assert.Contains("version 7", Assert.Throws<InvalidDataException>(() => Load(new AssetDetector(3), bytes)).Message, StringComparison.Ordinal);
        var old = File.ReadAllBytes(Fixture(1));
        Assert.Contains("version 1", Assert.Throws<InvalidDataException>(() => Load(new AssetDetector(3), old)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-1)]
    [InlineData(70_000)]
    public void A_count_that_cannot_be_is_damage(float count)
    {
        var writer = new StateWriter();
        new AssetDetector(3).Save(writer);
        var bytes = writer.Written.ToArray();
        // From the end: bytes and 16-bit numbers of the last metric, then the numbers after its count of ranks.
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - AfterRankCount), count);
        Assert.Contains("ranked", Assert.Throws<InvalidDataException>(() => Load(new AssetDetector(3), bytes)).Message, StringComparison.Ordinal);
    }

    private const int AfterRankCount = DetectorState.ByteRowCount + sizeof(ushort) * DetectorState.ShortRowCount
        + sizeof(float) * (DetectorRow.End - DetectorRow.RankCount);

    private static string Fixture(int version) =>
        Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Detection", "Fixtures", $"detector-state-v{version}.bin");

    /// <summary>A season with a spike and a change of level; a random walk with gaps; a constant that ends.</summary>
    internal static double[] Values(int i)
    {
        var noise = Series.Value[i];
        return
        [
            noise + 5 * Math.Sin(i * Math.PI / 12) + (i == 500 ? 30 : 0) + (i >= 850 ? 40 : 0),
            i % 17 == 3 ? double.NaN : Walk.Value[i],
            i < 750 ? 42 : 43,
        ];
    }

    private static readonly Lazy<double[]> Series = new(() => SyntheticSeries.Make("gaussian", 1000, 1));

    private static readonly Lazy<double[]> Walk = new(() => SyntheticSeries.Make("random-walk", 1000, 2));

    private static void Load(AssetDetector detector, byte[] bytes)
    {
        var reader = new StateReader(bytes);
        detector.Load(ref reader);
    }
}
