using System.Collections.Immutable;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What was predicted and what came in one bin of probabilities, by weight.</summary>
/// <param name="Name">The bin's bounds: <c>0.1-0.2</c> has the lower one and not the upper one, the last has both.</param>
/// <param name="Predictions">Resolved predictions.</param>
/// <param name="Expected">Sum of their probabilities: how many an incident should have followed.</param>
/// <param name="Observed">How many an incident followed.</param>
internal readonly record struct ReliabilityBin(string Name, double Predictions, double Expected, double Observed);

/// <summary>
/// A reliability diagram (Murphy, Winkler 1977) of resolved predictions, the recent ones counting most. Failures are rare, so that bins of equal width would hold
/// nearly all predictions in the first: bounds go by 1, 2, 5 below one half.
/// </summary>
/// <param name="keep">What is left of a prediction's weight with the next one, 0 to 1.</param>
internal sealed class ReliabilityBins(double keep)
{
    private static readonly ImmutableArray<double> Bounds = [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 1];

    private static readonly ImmutableArray<string> Names = [.. Bounds.Zip(Bounds.Skip(1), (low, high) => FormattableString.Invariant($"{low}-{high}"))];

    private readonly (double Predictions, double Expected, double Observed)[] _bins = new (double, double, double)[Names.Length];

    /// <summary>All bins by ascending probability, empty ones too.</summary>
    public IReadOnlyList<ReliabilityBin> All => [.. _bins.Select((b, i) => new ReliabilityBin(Names[i], b.Predictions, b.Expected, b.Observed))];

    public void Add(double probability, bool happened)
    {
        for (var b = 0; b < _bins.Length; b++) _bins[b] = (keep * _bins[b].Predictions, keep * _bins[b].Expected, keep * _bins[b].Observed);
        var at = 0;
        while (at < _bins.Length - 1 && probability >= Bounds[at + 1]) at++;
        ref var bin = ref _bins[at];
        bin = (bin.Predictions + 1, bin.Expected + probability, bin.Observed + (happened ? 1 : 0));
    }
}
