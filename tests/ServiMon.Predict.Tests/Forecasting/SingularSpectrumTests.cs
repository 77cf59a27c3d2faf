using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

public class SingularSpectrumTests
{
    [Theory]
    [InlineData("seasonal", 300, 48, 2)]
    [InlineData("seasonal", 300, 48, 7)]
    [InlineData("ar1", 240, 60, 5)]
    [InlineData("random-walk", 300, 40, 4)]
    [InlineData("gaussian", 200, 50, 8)]
    public void It_is_within_one_per_cent_of_the_full_decomposition(string kind, int count, int window, int rank)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var values = SyntheticSeries.Make(kind, count, seed);
            var mean = values.Average();
            double[] centred = [.. values.Select(v => v - mean)];
            var exact = new NaiveSpectrum(centred, window, rank);
            var found = SingularSpectrum.Fit(values, new SingularSpectrumOptions { WindowLength = window, Rank = rank });

            var whole = exact.Values.Sum(s => s * s);
            var least = Math.Sqrt(exact.Values.Skip(rank).Sum(s => s * s) / whole);
            Assert.InRange(found.ResidualShare / least, 1 - 1e-9, 1.01);
            Assert.InRange(found.ApproximationError, 0, 0.01);
            double[] ours = found.Reconstruct(), theirs = exact.Reconstruct();
            double Off(double[] smooth, double shift) => Math.Sqrt(smooth.Select((s, t) => Math.Pow(s - shift - centred[t], 2)).Sum());
            Assert.InRange(Off(ours, mean) / Off(theirs, 0), 0.99, 1.01);
        }
    }

    [Fact]
    public void Clear_components_give_the_same_forecasts_as_the_full_decomposition()
    {
        var random = new Random(3);
        double[] values = [.. Enumerable.Range(0, 260).Select(t =>
            7 * Math.Sin(2 * Math.PI * t / 24) + 3 * Math.Cos(2 * Math.PI * t / 10) + 0.05 * SyntheticSeries.Gaussian(random))];
        var mean = values.Average();
        var exact = new NaiveSpectrum([.. values.Select(v => v - mean)], 48, 4);
        var found = SingularSpectrum.Fit(values, new SingularSpectrumOptions { WindowLength = 48, Rank = 4 });
        double[] recurred = found.ForecastByRecurrence(40), continued = found.ForecastByVectors(40);
        double[] recurredExactly = exact.ForecastByRecurrence(40), continuedExactly = exact.ForecastByVectors(40);
        for (var h = 0; h < 40; h++)
        {
            // The components stand out a hundredfold: after three passes the subspace is exact to about 1e-8.
            Assert.Equal(recurredExactly[h] + mean, recurred[h], 1e-5);
            Assert.Equal(continuedExactly[h] + mean, continued[h], 1e-5);
        }
    }

    [Fact]
    public void Waves_on_an_exponential_go_on_exactly()
    {
        static double At(int t) => Math.Sin(2 * Math.PI * t / 24) * Math.Exp(0.002 * t) + Math.Cos(2 * Math.PI * t / 7.3);
        var model = SingularSpectrum.Fit([.. Enumerable.Range(0, 500).Select(At)], new SingularSpectrumOptions { WindowLength = 96, Rank = 5 });
        double[] recurred = model.ForecastByRecurrence(50), continued = model.ForecastByVectors(50);
        for (var h = 0; h < 50; h++)
        {
            Assert.Equal(At(500 + h), recurred[h], 1e-4);
            Assert.Equal(At(500 + h), continued[h], 1e-4);
        }

        Assert.InRange(model.ResidualShare, 0, 1e-6);
    }

    [Fact]
    public void The_rank_is_found_in_the_data()
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 1200).Select(t =>
            5 * Math.Sin(2 * Math.PI * t / 24) + 2 * Math.Sin(2 * Math.PI * t / 60) + SyntheticSeries.Gaussian(random))];
        var model = SingularSpectrum.Fit(values, new SingularSpectrumOptions { WindowLength = 240 });
        Assert.InRange(model.Rank, 4, 8);
        double off = 0;
        var forecast = model.ForecastByVectors(48);
        for (var h = 0; h < 48; h++)
            off += Math.Abs(forecast[h] - 5 * Math.Sin(2 * Math.PI * (1200 + h) / 24) - 2 * Math.Sin(2 * Math.PI * (1200 + h) / 60)) / 48;
        Assert.InRange(off, 0, 0.5);
    }

    [Fact]
    public void Gaps_are_filled_by_the_components_and_shift_nothing()
    {
        var values = SyntheticSeries.Make("seasonal", 648, 5);
        var gapped = values[..600];
        for (var t = 100; t < 130; t++) gapped[t] = double.NaN;
        gapped[400] = double.PositiveInfinity;
        for (var t = 500; t < 512; t++) gapped[t] = double.NaN;
        var model = SingularSpectrum.Fit(gapped, new SingularSpectrumOptions { WindowLength = 120, Rank = 2 });
        var smooth = model.Reconstruct();
        for (var t = 100; t < 130; t++) Assert.Equal(10 * Math.Sin(2 * Math.PI * t / 24), smooth[t], 1.0);
        var forecast = model.ForecastByVectors(48);
        for (var h = 0; h < 48; h++) Assert.Equal(10 * Math.Sin(2 * Math.PI * (600 + h) / 24), forecast[h], 1.0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1e9)]
    public void A_constant_goes_on(double level)
    {
        var model = SingularSpectrum.Fit([.. Enumerable.Repeat(level, 100)]);
        Assert.All(model.ForecastByRecurrence(10).Concat(model.ForecastByVectors(10)).Concat(model.Reconstruct()), value => Assert.Equal(level, value));
        Assert.Equal(0, model.ResidualShare);
    }

    [Fact]
    public void An_offset_of_a_billion_moves_the_answer_by_a_billion()
    {
        var values = SyntheticSeries.Make("seasonal", 500, 6);
        var options = new SingularSpectrumOptions { WindowLength = 96, Rank = 2 };
        var near = SingularSpectrum.Fit(values, options).ForecastByRecurrence(24);
        var far = SingularSpectrum.Fit([.. values.Select(v => v + 1e9)], options).ForecastByRecurrence(24);
        for (var h = 0; h < 24; h++) Assert.Equal(near[h], far[h] - 1e9, 1e-4);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_nearly_the_same()
    {
        var values = SyntheticSeries.Make("ar1", 700, 7);
        double[] Run(int seed) => SingularSpectrum.Fit(values, new SingularSpectrumOptions { WindowLength = 100, Rank = 3, Seed = seed }).Reconstruct();
        Assert.Equal(Run(1), Run(1));
        double[] first = Run(1), other = Run(2);
        Assert.InRange(first.Select((x, t) => Math.Abs(x - other[t])).Max(), 0, 0.1);
    }

    [Fact]
    public void A_long_window_is_worked_in_one_stretch()
    {
        var values = SyntheticSeries.Make("seasonal", 20_000, 8);
        var model = SingularSpectrum.Fit(values, new SingularSpectrumOptions { WindowLength = 10_000, Rank = 2 });
        var forecast = model.ForecastByRecurrence(24);
        for (var h = 0; h < 24; h++) Assert.Equal(10 * Math.Sin(2 * Math.PI * (20_000 + h) / 24), forecast[h], 0.2);
    }

    [Fact]
    public void Misuse_and_too_little_are_refused()
    {
        foreach (var window in new[] { 1, 51 })
            Assert.Throws<ArgumentOutOfRangeException>(() => SingularSpectrum.Fit(new double[100], new SingularSpectrumOptions { WindowLength = window }));
        foreach (var rank in new[] { 0, 65 })
            Assert.Throws<ArgumentOutOfRangeException>(() => SingularSpectrum.Fit(new double[100], new SingularSpectrumOptions { Rank = rank }));
        Assert.Throws<InputException>(() => SingularSpectrum.Fit([1, 2, 3]));
        Assert.Throws<InputException>(() => SingularSpectrum.Fit([1, double.NaN, double.NaN, double.NaN]));
    }
}
