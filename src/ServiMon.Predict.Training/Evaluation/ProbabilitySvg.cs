using System.Text;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using static ServiMon.Predict.Training.Evaluation.PageText;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>One asset's predicted probability over time, with its incidents and the horizon before each.</summary>
internal sealed class ProbabilitySvg
{
    private const double Width = 300, Height = 74, Left = 30, Top = 4, Foot = 15;

    /// <summary>Points drawn of one asset at most: each is the highest prediction of its share of the time, so that no peak is lost.</summary>
    private const int MostPoints = 200;

    /// <summary>Rows further apart than this many median spacings are not joined.</summary>
    private const double Gap = 3;

    private const double StartWidth = 2;

    /// <summary>Place of the horizon in the predictions, and how many there are.</summary>
    public required int Horizon { get; init; }

    public required int HorizonCount { get; init; }

    public required TimeSpan HorizonSpan { get; init; }

    /// <summary>The probability that the panel's top stands for.</summary>
    public required double End { get; init; }

    /// <summary>Where an alarm goes off, or null.</summary>
    public required double? Threshold { get; init; }

    /// <param name="predictions">Of one row or more.</param>
    /// <param name="incidents">Of this asset, within what was replayed.</param>
    public void Write(StringBuilder page, AssetPredictions predictions, IReadOnlyList<Incident> incidents)
    {
        var ticks = predictions.Rows.Ticks.AsSpan(predictions.FirstRow);
        var (first, last) = (ticks[0], Math.Max(ticks[^1], incidents.Count > 0 ? incidents.Max(i => i.Start.UtcTicks) : 0));
        page.Append($"<svg viewBox=\"0 0 {At(Left + Width)} {At(Top + Height + Foot)}\" role=\"img\" aria-label=\"Predicted probability over time\">")
            .Append($"<rect class=\"frame\" x=\"{At(Left)}\" y=\"{At(Top)}\" width=\"{At(Width)}\" height=\"{At(Height)}\"/>")
            .Append($"<text x=\"{At(Left - 4)}\" y=\"{At(Top + 8)}\" text-anchor=\"end\">{Percent(End)}</text>")
            .Append($"<text x=\"{At(Left - 4)}\" y=\"{At(Top + Height)}\" text-anchor=\"end\">0</text>");
        foreach (var incident in incidents) Bar(page, "near", X(incident.Start.UtcTicks - HorizonSpan.Ticks), X(incident.Start.UtcTicks), "");
        foreach (var incident in incidents)
        {
            var from = Math.Min(X(incident.Start.UtcTicks), Left + Width - StartWidth);
            var title = $"{incident.Kind}, {Time(incident.Start.UtcTicks)}";
            Bar(page, "down", from + StartWidth, X(incident.End?.UtcTicks ?? last), title);
            Bar(page, "incident", from, from + StartWidth, title);
        }
        if (Threshold <= End) page.Append($"<path class=\"alarm\" d=\"M{At(Left)} {At(Y(Threshold.Value))}H{At(Left + Width)}\"/>");
        foreach (var (basis, path) in Lines(predictions, X)) page.Append($"<path class=\"{basis}\" d=\"{path}\"/>");
        page.Append($"<text x=\"{At(Left)}\" y=\"{At(Top + Height + 12)}\">{Time(first)}</text>")
            .Append($"<text x=\"{At(Left + Width)}\" y=\"{At(Top + Height + 12)}\" text-anchor=\"end\">+ {PageText.Span(TimeSpan.FromTicks(last - first).TotalSeconds)}</text></svg>");

        double X(long at) => Left + Width * Math.Clamp((at - first) / (double)Math.Max(1, last - first), 0, 1);
    }

    private static void Bar(StringBuilder page, string kind, double from, double to, string title)
    {
        if (to <= from) return;
        page.Append($"<rect class=\"{kind}\" x=\"{At(from)}\" y=\"{At(Top)}\" width=\"{At(Math.Min(to, Left + Width) - from)}\" height=\"{At(Height)}\">");
        if (title.Length > 0) page.Append("<title>").Append(Escaped(title)).Append("</title>");
        page.Append("</rect>");
    }

    /// <summary>Unbroken lines, each by a model or by the prior alone; a line goes on from the last point of the one it follows.</summary>
    private List<(string Basis, string Path)> Lines(AssetPredictions predictions, Func<long, double> x)
    {
        var points = Points(predictions);
        var gap = Gap * MedianSpacing(points);
        var lines = new List<(string, string)>();
        var path = new StringBuilder();
        for (var i = 0; i < points.Count; i++)
        {
            var joined = i > 0 && points[i].Ticks - points[i - 1].Ticks <= gap;
            if (i > 0 && (!joined || points[i].Prior != points[i - 1].Prior))
            {
                lines.Add((Kind(points[i - 1]), path.ToString()));
                path.Clear();
                if (joined) path.Append($"M{At(x(points[i - 1].Ticks))} {At(Y(points[i - 1].Probability))}");
            }
            path.Append($"{(path.Length == 0 ? 'M' : 'L')}{At(x(points[i].Ticks))} {At(Y(points[i].Probability))}");
            // A point alone is drawn as a short dash.
            if (!joined) path.Append("h.5");
        }
        if (points.Count > 0) lines.Add((Kind(points[^1]), path.ToString()));
        return lines;

        static string Kind(Point point) => point.Prior ? "prior" : "model";
    }

    /// <summary>Answered rows; where there are more than are drawn, the highest of each of as many equal spans of time.</summary>
    private List<Point> Points(AssetPredictions predictions)
    {
        var ticks = predictions.Rows.Ticks.AsSpan(predictions.FirstRow);
        var width = Math.Max(1, (ticks[^1] - ticks[0]) / MostPoints + 1);
        var points = new List<Point>();
        var current = -1L;
        for (var i = 0; i < predictions.Count; i++)
        {
            var p = predictions.Probability[i * HorizonCount + Horizon];
            if (predictions.State[i] != PredictionState.Ready || !double.IsFinite(p)) continue;
            var point = new Point(ticks[i], p, predictions.Basis[i] == PredictionBasis.Prior);
            var span = predictions.Count <= MostPoints ? i : (ticks[i] - ticks[0]) / width;
            if (span != current) points.Add(point);
            else if (p > points[^1].Probability) points[^1] = point;
            current = span;
        }
        return points;
    }

    private static double MedianSpacing(List<Point> points)
    {
        var spacings = points.Zip(points.Skip(1), (a, b) => b.Ticks - a.Ticks).Order().ToArray();
        return spacings.Length == 0 ? 0 : spacings[spacings.Length / 2];
    }

    private double Y(double probability) => Top + Height * (1 - Math.Clamp(probability / End, 0, 1));

    private readonly record struct Point(long Ticks, double Probability, bool Prior);
}
