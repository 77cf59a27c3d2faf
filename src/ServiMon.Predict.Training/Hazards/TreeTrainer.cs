using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.Transforms;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>How trees are grown.</summary>
/// <param name="TreeCount">Boosting rounds.</param>
/// <param name="LeafCount">Leaves of a tree.</param>
/// <param name="MinimumRows">Rows that a leaf needs.</param>
/// <param name="LearningRate">Shrinkage of each tree.</param>
/// <param name="ColumnShare">Share of the columns that a tree may use, 0 to 1.</param>
internal sealed record TreeSettings(int TreeCount, int LeafCount, int MinimumRows, double LearningRate, double ColumnShare);

/// <summary>Boosted trees by ML.NET, with the exact trees taken out of its objects.</summary>
internal sealed class TreeTrainer(MLContext ml, Booster booster, int seed)
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Trains and gives ML.NET's model together with its flat form.</summary>
    public (ITransformer Transformer, TreeEnsemble Trees) Fit(IDataView view, int width, TreeSettings settings) =>
        booster == Booster.LightGbm ? FitLightGbm(view, width, settings) : FitFastTree(view, width, settings);

    private (ITransformer, TreeEnsemble) FitLightGbm(IDataView view, int width, TreeSettings settings)
    {
        var trainer = ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            LabelColumnName = nameof(DenseRows.Row.Label),
            FeatureColumnName = DenseRows.Features,
            ExampleWeightColumnName = nameof(DenseRows.Row.Weight),
            NumberOfIterations = settings.TreeCount,
            NumberOfLeaves = settings.LeafCount,
            MinimumExampleCountPerLeaf = settings.MinimumRows,
            LearningRate = settings.LearningRate,
            UseCategoricalSplit = false,
            HandleMissingValue = true,
            MaximumBinCountPerFeature = 63,
            NumberOfThreads = 1,
            Seed = seed,
            Booster = new GradientBooster.Options { FeatureFraction = settings.ColumnShare, MinimumChildWeight = 1e-3, L2Regularization = 1 },
        });
        AddSettings(trainer, [("deterministic", true), ("force_col_wise", true)]);
        var model = trainer.Fit(view);
        var missing = MissingValues(model.Model.SubModel);
        return (model, Flatten(model.Model.SubModel, model.Model.Calibrator, width, missing));
    }

    private (ITransformer, TreeEnsemble) FitFastTree(IDataView view, int width, TreeSettings settings)
    {
        // FastTree leaves out rows with missing values, so these are first replaced by the column's smallest value.
        const MissingValueReplacingEstimator.ReplacementMode mode = MissingValueReplacingEstimator.ReplacementMode.Minimum;
        var replacement = ml.Transforms.ReplaceMissingValues(DenseRows.Features, replacementMode: mode).Fit(view);
        var trainer = ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            LabelColumnName = nameof(DenseRows.Row.Label),
            FeatureColumnName = DenseRows.Features,
            ExampleWeightColumnName = nameof(DenseRows.Row.Weight),
            NumberOfTrees = settings.TreeCount,
            NumberOfLeaves = settings.LeafCount,
            MinimumExampleCountPerLeaf = settings.MinimumRows,
            LearningRate = settings.LearningRate,
            FeatureFraction = settings.ColumnShare,
            MaximumBinCountPerFeature = 63,
            NumberOfThreads = 1,
            Seed = seed,
            FeatureSelectionSeed = seed,
        });
        var model = trainer.Fit(replacement.Transform(view));
        var replaced = ReplacementValues(replacement, width);
        var trees = model.Model.SubModel.TrainedTreeEnsemble.Trees;
        var missing = trees.Select(t => t.NumericalSplitFeatureIndexes.Select(c => replaced[c]).ToArray()).ToList();
        return (replacement.Append(model), Flatten(model.Model.SubModel, model.Model.Calibrator, width, missing));
    }

    /// <summary>LightGBM's own settings that ML.NET's options leave out: both make equal input give equal bits.</summary>
    private static void AddSettings(LightGbmBinaryTrainer trainer, ReadOnlySpan<(string Name, object Value)> settings)
    {
        FieldInfo? field = null;
        for (var type = trainer.GetType(); type is not null && field is null; type = type.BaseType) field = type.GetField("GbmOptions", Hidden);
        if (field?.GetValue(trainer) is not Dictionary<string, object> options)
            throw new NotSupportedException("this version of Microsoft.ML.LightGbm keeps its settings elsewhere");
        foreach (var (name, value) in settings) options[name] = value;
    }

    /// <summary>
    /// The value that stands for NaN at each node. ML.NET keeps it (from LightGBM's learned direction) but does not publish it; without the
    /// field no NaN would be replaced, and NaN would go to the right.
    /// </summary>
    private static List<float[]> MissingValues(TreeEnsembleModelParametersBasedOnRegressionTree model)
    {
        var inner = typeof(RegressionTreeBase).GetField("_tree", Hidden)
            ?? throw new NotSupportedException("this version of Microsoft.ML.FastTree keeps its trees elsewhere");
        var result = new List<float[]>();
        foreach (var tree in model.TrainedTreeEnsemble.Trees)
        {
            var hidden = inner.GetValue(tree)!;
            var field = hidden.GetType().GetField("DefaultValueForMissing")
                ?? throw new NotSupportedException("this version of Microsoft.ML.FastTree keeps the direction of missing values elsewhere");
            var values = (float[]?)field.GetValue(hidden);
            result.Add(values ?? Enumerable.Repeat(float.NaN, tree.NumberOfNodes()).ToArray());
        }
        return result;
    }

    private float[] ReplacementValues(ITransformer replacement, int width)
    {
        var empty = Enumerable.Repeat(float.NaN, width).ToArray();
        var replaced = replacement.Transform(DenseRows.View(ml, empty, width, width, [0], [false], [1]));
        return replaced.GetColumn<float[]>(DenseRows.Features).Single();
    }

    private static TreeEnsemble Flatten(
        TreeEnsembleModelParametersBasedOnRegressionTree model, PlattCalibrator calibrator, int width, List<float[]> missing)
    {
        var ensemble = model.TrainedTreeEnsemble;
        var weights = ensemble.TreeWeights;
        List<int> roots = [], feature = [], left = [], right = [];
        List<float> threshold = [];
        List<bool> missingLeft = [];
        List<double> leaf = [];
        for (var t = 0; t < ensemble.Trees.Count; t++)
        {
            var tree = ensemble.Trees[t];
            var (node, firstLeaf) = (feature.Count, leaf.Count);
            int Shift(int child) => child >= 0 ? child + node : ~(~child + firstLeaf);
            roots.Add(tree.NumberOfNodes() == 0 ? ~firstLeaf : node);
            for (var i = 0; i < tree.NumberOfNodes(); i++)
            {
                feature.Add(tree.NumericalSplitFeatureIndexes[i]);
                threshold.Add(tree.NumericalSplitThresholds[i]);
                missingLeft.Add(missing[t][i] <= tree.NumericalSplitThresholds[i]);
                left.Add(Shift(tree.LeftChild[i]));
                right.Add(Shift(tree.RightChild[i]));
            }
            foreach (var value in tree.LeafValues) leaf.Add(value * weights[t]);
        }
        // ML.NET: p = 1 / (1 + exp(slope * (sum + bias) + offset)).
        var scale = -calibrator.Slope;
        return new TreeEnsemble(width, [.. roots], [.. feature], [.. threshold], [.. missingLeft], [.. left], [.. right], [.. leaf],
            scale, scale * ensemble.Bias - calibrator.Offset);
    }
}

internal static class RegressionTreeSize
{
    /// <summary>Inner nodes of a tree.</summary>
    public static int NumberOfNodes(this RegressionTreeBase tree) => tree.NumericalSplitThresholds.Count;
}
