using System.Collections.Immutable;
using System.IO.Compression;
using Microsoft.ML;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Fits the chosen scores on all rows with ML.NET's trainers and takes the pure evaluators out of them.</summary>
internal sealed class FinalFit(ScoreInputs inputs, MLContext ml, Booster booster, int seed)
{
    /// <param name="rows">All rows of the bucket.</param>
    /// <param name="name">The ML.NET model's name in the bundle.</param>
    /// <returns>Null when the bucket's rows have one label only.</returns>
    public (IRiskScore Score, MlNetModel Model)? Fit(ScorePart part, BucketRows rows, string name)
    {
        var wanted = rows.Where(r => inputs.Trains(part.Kind, r));
        var positive = wanted.PositiveWeight(inputs.Rows);
        if (positive == 0 || positive == wanted.TotalWeight(inputs.Rows)) return null;
        var width = inputs.Width(part.Kind);
        var weights = wanted.Weights(inputs.Rows);
        if (part.Kind is ScoreKind.TreesUniversal or ScoreKind.TreesAll)
        {
            var view = DenseRows.View(ml, inputs.Raw(part.Kind), width, width, wanted.Rows, wanted.Label, weights);
            var settings = inputs.TreePlan(part.Kind).Settings(wanted.Rows.Length, (int)part.Strength);
            var (model, trees) = new TreeTrainer(ml, booster, seed).Fit(view, width, settings);
            return (trees, Save(model, view, $"{name}-trees"));
        }
        else
        {
            var view = DenseRows.View(ml, inputs.Standardised(part.Kind), width, width, wanted.Rows, wanted.Label, weights);
            var (model, slope, bias) = LinearTrainer.Fit(ml, ml.Data.Cache(view), part.Strength * positive);
            var scale = inputs.Scale(part.Kind);
            return (new LinearModel(scale.Center, scale.InverseScale, slope, bias, inputs.Options.Clip), Save(model, view, $"{name}-linear"));
        }
    }

    /// <summary>ML.NET's zip, written anew with fixed times, so that equal models have equal bytes.</summary>
    private MlNetModel Save(ITransformer model, IDataView view, string name)
    {
        using var saved = new MemoryStream();
        ml.Model.Save(model, view.Schema, saved);
        saved.Position = 0;
        using var result = new MemoryStream();
        using (var from = new ZipArchive(saved, ZipArchiveMode.Read))
        using (var to = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in from.Entries.OrderBy(e => e.FullName, StringComparer.Ordinal))
            {
                var copy = to.CreateEntry(entry.FullName, CompressionLevel.Optimal);
                copy.LastWriteTime = Bundles.ZipTime.Fixed;
                using var input = entry.Open();
                using var output = copy.Open();
                input.CopyTo(output);
            }
        }
        return new MlNetModel(name, ImmutableArray.Create(result.ToArray()));
    }
}
