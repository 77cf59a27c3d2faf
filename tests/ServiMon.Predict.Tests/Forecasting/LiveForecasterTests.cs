using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

public class LiveForecasterTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly long[] Ticks = SyntheticSeries.Ticks(3000, Hour);

    internal static LiveForecaster Fed(double[] values, int refitUntil = int.MaxValue)
    {
        var live = new LiveForecaster(Hour);
        for (var i = 0; i < values.Length; i++)
        {
            live.Observe(Ticks[i], values[i]);
            if (live.RefitDue && i < refitUntil) live = live.Refitted();
        }

        return live;
    }

    private static byte[] Saved(LiveForecaster live)
    {
        var writer = new StateWriter();
        live.Save(writer);
        return writer.Written.ToArray();
    }

    private static LiveForecaster Loaded(byte[] bytes)
    {
        var reader = new StateReader(bytes);
        var live = LiveForecaster.Load(ref reader);
        Assert.True(reader.AtEnd);
        return live;
    }

    [Fact]
    public void A_season_that_was_fitted_is_followed_and_a_gap_does_not_shift_it()
    {
        var values = SyntheticSeries.Make("seasonal", 1200, 3);
        var live = LiveForecaster.Fit(Ticks.AsSpan(0, 600), values.AsSpan(0, 600), Hour);
        Assert.Equal([24], live.Seasons);
        double off = 0;
        var count = 0;
        for (var i = 600; i < 1200; i++)
        {
            if (i is > 800 and < 837) continue;
            if (i > 900)
            {
                off += Math.Abs(live.Forecast(1, 0.5).Median[0] - 10 * Math.Sin(2 * Math.PI * i / 24));
                count++;
            }

            live.Observe(Ticks[i], values[i]);
        }

        Assert.InRange(off / count, 0, 0.5);
    }

    [Theory]
    [InlineData("clean")]
    [InlineData("missing")]
    [InlineData("infinite")]
    [InlineData("constant")]
    [InlineData("offset")]
    [InlineData("resets")]
    [InlineData("huge")]
    [InlineData("tiny")]
    [InlineData("gaps")]
    public void Whatever_comes_the_answer_is_sound_the_same_again_and_goes_on_from_saved_state(string input)
    {
        var random = new Random(7);
        var values = SyntheticSeries.Make("seasonal", 900, 20);
        for (var i = 0; i < values.Length; i++)
            values[i] = input switch
            {
                "missing" => random.Next(5) == 0 || i is > 300 and < 380 ? double.NaN : values[i],
                "infinite" => i % 97 == 5 ? double.PositiveInfinity : i % 89 == 3 ? double.NegativeInfinity : values[i],
                "constant" => 1e9 + 0.5,
                "offset" => 1e9 + values[i],
                "resets" => i % 200 * 1e4 + values[i],
                "huge" => values[i] * Math.Pow(10, random.Next(-300, 300)),
                "tiny" => values[i] * 1e-290,
                _ => values[i],
            };
        long Time(int i) => Ticks[i] + (input == "gaps" && i >= 300 ? i / 300 * 100 * Hour.Ticks : 0);

        var live = new LiveForecaster(Hour);
        var twin = new LiveForecaster(Hour);
        var said = new List<double>();
        for (var i = 0; i < values.Length; i++)
        {
            live.Observe(Time(i), values[i]);
            twin.Observe(Time(i), values[i]);
            if (i is 200 or 700) (live, twin) = (live.Refitted(), twin.Refitted());
            if (i % 100 == 50)
            {
                var before = Saved(twin);
                twin = Loaded(before);
                Assert.Equal(before, Saved(twin));
                Assert.InRange(before.Length, 1, LiveForecaster.MaxStateBytes);
            }

            if (!live.IsReady || i % 10 != 0) continue;
            var forecast = live.Forecast(300, 0.5, 0.99);
            Assert.All(forecast.Rows(1), row => Assert.True(double.IsFinite(row.Lower) && row.Lower <= row.Median && row.Median <= row.Upper && double.IsFinite(row.Upper)));
            Assert.Equal(forecast.Median, twin.Forecast(300, 0.5, 0.99).Median);
            Assert.Equal(forecast.Intervals[1].Upper, twin.Forecast(300, 0.5, 0.99).Intervals[1].Upper);
            said.AddRange(forecast.Median);
        }

        if (input == "constant") Assert.All(said, value => Assert.Equal(1e9 + 0.5, value, 1e-6));
        Assert.Equal(Saved(live), Saved(twin));
    }

    [Fact]
    public void Copies_are_independent_and_an_offset_of_a_billion_moves_the_answer_by_a_billion()
    {
        var values = SyntheticSeries.Make("ar1", 400, 5);
        var near = Fed(values, refitUntil: 100);
        var copy = near.Copy();
        for (var i = 400; i < 500; i++) near.Observe(Ticks[i], 1e6);
        Assert.Equal(Saved(Fed(values, refitUntil: 100)), Saved(copy));
        double[] here = copy.Forecast(24, 0.9).Median, there = Fed([.. values.Select(v => v + 1e9)], refitUntil: 100).Forecast(24, 0.9).Median;
        for (var h = 0; h < 24; h++) Assert.Equal(here[h], there[h] - 1e9, 0.05);
    }

    [Fact]
    public void One_fitted_meanwhile_catches_up()
    {
        var values = SyntheticSeries.Make("seasonal", 700, 6);
        var live = Fed(values[..600], refitUntil: 0);
        var fresh = LiveForecaster.Fit(Ticks.AsSpan(0, 600), values.AsSpan(0, 600), Hour);
        var direct = fresh.Copy();
        for (var i = 600; i < 650; i++)
        {
            live.Observe(Ticks[i], values[i]);
            direct.Observe(Ticks[i], values[i]);
        }

        fresh.CatchUp(live);
        Assert.Equal(live.LastTicks, fresh.LastTicks);
        // What is remembered is in single precision.
        for (var h = 0; h < 24; h++) Assert.Equal(direct.Forecast(24, 0.5).Median[h], fresh.Forecast(24, 0.5).Median[h], 1e-4);
        Assert.Throws<ArgumentException>(() => fresh.CatchUp(new LiveForecaster(TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void Late_and_duplicate_values_are_told_and_ignored()
    {
        var live = Fed(SyntheticSeries.Make("ar1", 50, 1), refitUntil: 0);
        var before = Saved(live);
        Assert.False(live.Observe(Ticks[49], 7));
        Assert.False(live.Observe(Ticks[10], 7));
        Assert.Equal(before, Saved(live));
        Assert.True(live.Observe(Ticks[50] + Hour.Ticks / 3, 1));
        Assert.Equal(Ticks[50], live.LastTicks);
    }

    [Fact]
    public void A_value_costs_no_allocation()
    {
        var values = SyntheticSeries.Make("seasonal", 2500, 8);
        var live = LiveForecaster.Fit(Ticks.AsSpan(0, 500), values.AsSpan(0, 500), Hour);
        for (var i = 500; i < 1000; i++) live.Observe(Ticks[i], values[i]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1000; i < 2500; i++) live.Observe(Ticks[i], values[i]);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_lasting_slope_goes_on_beyond_where_a_damped_trend_ends()
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 600).Select(i => 40 + 0.1 * i + random.NextDouble())];
        var live = LiveForecaster.Fit(Ticks.AsSpan(0, 600), values, Hour);
        Assert.Equal(40.5 + 0.1 * 839, live.Forecast(240).Median[239], 1.5);
        Assert.Equal([0, 1], live.Breach(106, below: false, [10, 240]).Select(b => Math.Round(b.Probability, 1)));
    }

    [Fact]
    public void Even_with_all_harmonics_its_state_has_no_more_than_it_may()
    {
        // Working hours and a free weekend: a pattern of edges, with more harmonics than there is room for.
        double[] values = [.. Enumerable.Range(0, 24 * 42).Select(i => (i % 24 is >= 9 and < 17 ? 20.0 : 5) * (i / 24 % 7 < 5 ? 1 : 0.2) + 0.01 * (i * 7919 % 101))];
        var live = LiveForecaster.Fit(Ticks.AsSpan(0, values.Length), values, Hour);
        Assert.Equal([24, 168], live.Seasons);
        Assert.InRange(Saved(live).Length, 1, LiveForecaster.MaxStateBytes);
        _ = live.Copy();
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = live.Copy();
        // A copy shares the harmonics and what they turn by: 24 bytes each, and the heads of two arrays.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before + LiveFit.MostHarmonics * 24 + 2 * 24, 1, LiveForecaster.MaxStateBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Saved_states_of_every_version_stay_readable(int version)
    {
        var lines = File.ReadAllLines(Path.Combine(TestFiles.RepositoryRoot, $"tests/ServiMon.Predict.Tests/Forecasting/forecaster-state-v{version}.txt"));
        var bytes = Convert.FromBase64String(lines[0]);
        var live = Loaded(bytes);
        Assert.Equal(version, bytes[0]);
        if (version == LiveForecaster.StateVersion) Assert.Equal(bytes, Saved(live));
        else Assert.Equal(live.Forecast(9, 0.9).Intervals[0].Upper, Loaded(Saved(live)).Forecast(9, 0.9).Intervals[0].Upper);
        Assert.Equal([24], live.Seasons);
        var forecast = live.Forecast(3);
        double[] expected = [.. lines[1].Split(' ').Select(double.Parse)];
        Assert.Equal(3, expected.Length);
        for (var h = 0; h < 3; h++) Assert.Equal(expected[h], forecast.Median[h], 1e-9);
    }

    [Fact]
    public void Damaged_and_foreign_states_are_refused()
    {
        var bytes = Saved(Fed(SyntheticSeries.Make("seasonal", 300, 9)));
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => Loaded(cut));
        }

        byte[] newer = [.. bytes];
        newer[0] = LiveForecaster.StateVersion + 1;
        Assert.Contains($"version {newer[0]}", Assert.Throws<InvalidDataException>(() => Loaded(newer)).Message);
    }

    [Fact]
    public void One_point_is_not_enough_and_misuse_is_refused()
    {
        var live = Fed([5.0]);
        Assert.False(live.IsReady);
        Assert.Throws<InvalidOperationException>(() => live.Forecast(1, 0.5));
        live.Observe(Ticks[1], 6);
        Assert.True(live.IsReady);
        Assert.Throws<ArgumentOutOfRangeException>(() => live.Forecast(0, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => live.Forecast(1, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LiveForecaster(TimeSpan.Zero));
        Assert.Empty(live.Breach(1, below: false, []));
    }
}
