using System.Diagnostics;
using System.Globalization;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Bench;

/// <summary>
/// The randomised decomposition beside the full one: the norm of the trajectory matrix that is left out at the same rank, and what a fit takes. The full one
/// is by all eigenvalues of the matrix times its transpose, which are told apart down to 1e-8 of the largest.
/// </summary>
internal static class SpectrumError
{
    private static readonly (int N, int L)[] Sizes = [(2_000, 128), (10_000, 128), (10_000, 256), (100_000, 256), (10_000, 512), (10_000, 1024), (100_000, 1024)];

    private static readonly int[] Ranks = [4, 12, 24];

    private const int FitCount = 5;

    public static void Run()
    {
        Console.WriteLine("| N | L | rank | left out, full | left out, randomised | ratio | own estimate of the excess | passes | fit, ms |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (n, window) in Sizes)
        {
            var series = Series(n);
            var values = Eigenvalues(series, window);
            var whole = values.Sum();
            foreach (var rank in Ranks)
            {
                var least = Math.Sqrt(Math.Max(0, values.Skip(rank).Sum()) / whole);
                var (found, time) = Fitted(series, window, rank);
                Row(n, window, rank, least.ToString("0.000000", CultureInfo.InvariantCulture), found,
                    (found.ResidualShare / least).ToString("0.000000", CultureInfo.InvariantCulture), time);
            }
        }
    }

    private static void Row(int n, int window, int rank, string least, SingularSpectrum found, string ratio, double time) =>
        Console.WriteLine(FormattableString.Invariant(
            $"| {n} | {window} | {rank} | {least} | {found.ResidualShare:0.000000} | {ratio} | {found.ApproximationError:0.000000} | {found.PassCount} | {time:0.0} |"));

    /// <summary>The fit, and the shortest time of a few.</summary>
    private static (SingularSpectrum Found, double Milliseconds) Fitted(double[] series, int window, int rank)
    {
        var options = new SingularSpectrumOptions { WindowLength = window, Rank = rank };
        var found = SingularSpectrum.Fit(series, options);
        var least = double.PositiveInfinity;
        for (var i = 0; i < FitCount; i++)
        {
            var began = Stopwatch.GetTimestamp();
            SingularSpectrum.Fit(series, options);
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (found, least);
    }

    /// <summary>Of X X', from the largest down; the entries one diagonal further are the last ones plus a product less another.</summary>
    private static double[] Eigenvalues(double[] series, int window)
    {
        var mean = series.Average();
        var columns = series.Length - window + 1;
        var gram = new double[window * window];
        for (var j = 0; j < window; j++)
        {
            double sum = 0;
            for (var c = 0; c < columns; c++) sum += (series[c] - mean) * (series[j + c] - mean);
            for (var i = 0; i + j < window; i++)
            {
                gram[i * window + i + j] = gram[(i + j) * window + i] = sum;
                if (i + j + columns < series.Length)
                    sum += (series[i + columns] - mean) * (series[i + j + columns] - mean) - (series[i] - mean) * (series[i + j] - mean);
            }
        }

        return SymmetricEigen.Decompose(gram, window).Values;
    }

    private static double[] Series(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(t =>
            10 * Math.Sin(2 * Math.PI * t / 24) + 4 * Math.Sin(2 * Math.PI * t / 168) + 0.001 * t
            + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }
}
