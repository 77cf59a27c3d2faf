using System.Collections.Immutable;

namespace ServiMon.Predict.Hazard;

/// <summary>
/// A non-decreasing broken line through fitted knots, constant outside them: Zadrozny and Elkan (2002), "Transforming classifier
/// scores into accurate multiclass probability estimates", with linear interpolation between the blocks' mean scores.
/// </summary>
public sealed class IsotonicCalibration : ICalibration
{
    /// <param name="scores">Strictly ascending, at least one.</param>
    /// <param name="probabilities">Non-decreasing, in [0, 1], one for each score.</param>
    /// <exception cref="ArgumentException">When they are not so.</exception>
    public IsotonicCalibration(ImmutableArray<double> scores, ImmutableArray<double> probabilities)
    {
        if (scores.Length == 0 || scores.Length != probabilities.Length)
            throw new ArgumentException($"{scores.Length} scores and {probabilities.Length} probabilities, expected as many and at least one");
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i]) || (i > 0 && !(scores[i] > scores[i - 1])))
                throw new ArgumentException($"score {i} is {scores[i]}, expected finite and above the one before");
            if (!(probabilities[i] is >= 0 and <= 1) || (i > 0 && probabilities[i] < probabilities[i - 1]))
                throw new ArgumentException($"probability {i} is {probabilities[i]}, expected 0 to 1 and not below the one before");
        }
        Scores = scores;
        Probabilities = probabilities;
    }

    public ImmutableArray<double> Scores { get; }

    public ImmutableArray<double> Probabilities { get; }

    public double Probability(double score)
    {
        var scores = Scores.AsSpan();
        if (score <= scores[0]) return Probabilities[0];
        if (score >= scores[^1]) return Probabilities[^1];
        var above = scores.BinarySearch(score);
        if (above >= 0) return Probabilities[above];
        above = ~above;
        var share = (score - scores[above - 1]) / (scores[above] - scores[above - 1]);
        return Probabilities[above - 1] + share * (Probabilities[above] - Probabilities[above - 1]);
    }
}
