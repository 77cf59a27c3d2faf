using System.Text;
using static ServiMon.Predict.Training.Evaluation.PageText;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>A reliability diagram: what was predicted against what followed, one point for each bin, its area by the rows in it.</summary>
internal static class ReliabilitySvg
{
    private const double Side = 240, Left = 38, Top = 8, Foot = 34;

    private const double LargestRadius = 9, SmallestRadius = 2.5;

    /// <summary>Room that the count beside a point takes.</summary>
    private const double LetterWidth = 5.6, LetterHeight = 10;

    public static void Write(StringBuilder page, IReadOnlyList<CalibrationBin> bins)
    {
        var end = AxisEnd.Of(bins.Max(b => Math.Max(b.Probability, b.Frequency)));
        page.Append($"<svg viewBox=\"0 0 {At(Left + Side + 40)} {At(Top + Side + Foot)}\" role=\"img\" aria-label=\"Predicted probability against observed frequency\">")
            .Append($"<rect class=\"frame\" x=\"{At(Left)}\" y=\"{At(Top)}\" width=\"{At(Side)}\" height=\"{At(Side)}\"/>");
        for (var i = 0; i <= 4; i++)
        {
            var share = i / 4.0;
            page.Append($"<path class=\"rule\" d=\"M{At(X(share))} {At(Top)}V{At(Top + Side)}M{At(Left)} {At(Y(share))}H{At(Left + Side)}\"/>")
                .Append($"<text x=\"{At(X(share))}\" y=\"{At(Top + Side + 13)}\" text-anchor=\"middle\">{Percent(share * end)}</text>")
                .Append($"<text x=\"{At(Left - 4)}\" y=\"{At(Y(share) + 3)}\" text-anchor=\"end\">{Percent(share * end)}</text>");
        }
        page.Append($"<path class=\"diagonal\" d=\"M{At(Left)} {At(Top + Side)}L{At(Left + Side)} {At(Top)}\"/>");
        Points(page, bins, end);
        page.Append($"<text x=\"{At(X(0.5))}\" y=\"{At(Top + Side + 28)}\" text-anchor=\"middle\">predicted (upwards: observed)</text></svg>");
    }

    private static void Points(StringBuilder page, IReadOnlyList<CalibrationBin> bins, double end)
    {
        var most = bins.Max(b => b.Count);
        var counts = new StringBuilder();
        var placed = new List<(double Left, double Right, double Y)>();
        foreach (var bin in bins.OrderByDescending(b => b.Probability))
        {
            var (x, y) = (X(bin.Probability / end), Y(bin.Frequency / end));
            var radius = Math.Max(SmallestRadius, LargestRadius * Math.Sqrt(bin.Count / (double)most));
            page.Append($"<circle class=\"dot\" cx=\"{At(x)}\" cy=\"{At(y)}\" r=\"{At(radius)}\"><title>{Count(bin.Count, "row", "rows")}: ")
                .Append($"predicted {Percent(bin.Probability)}, observed {Percent(bin.Frequency)}</title></circle>");
            var text = Whole(bin.Count);
            var (from, to) = (x + radius + 2, x + radius + 2 + text.Length * LetterWidth);
            // A count that would lie on another is left to the table and to the point's title.
            if (placed.Any(p => from < p.Right && to > p.Left && Math.Abs(p.Y - y) < LetterHeight)) continue;
            placed.Add((from, to, y));
            counts.Append($"<text x=\"{At(from)}\" y=\"{At(y + 3)}\">{text}</text>");
        }
        page.Append(counts);
    }

    private static double X(double share) => Left + share * Side;

    private static double Y(double share) => Top + (1 - share) * Side;
}
