using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Ridge logistic regression by ML.NET's L-BFGS trainer.</summary>
internal static class LinearTrainer
{
    /// <summary>Trains on standardised columns and gives ML.NET's model with its weights and bias.</summary>
    /// <param name="ridge">L2 strength on the sum of weighted losses.</param>
    public static (ITransformer Transformer, double[] Weights, double Bias) Fit(MLContext ml, IDataView view, double ridge)
    {
        var model = ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            LabelColumnName = nameof(DenseRows.Row.Label),
            FeatureColumnName = DenseRows.Features,
            ExampleWeightColumnName = nameof(DenseRows.Row.Weight),
            L1Regularization = 0,
            L2Regularization = (float)ridge,
            NumberOfThreads = 1,
            OptimizationTolerance = 1e-7f,
            MaximumNumberOfIterations = 500,
        }).Fit(view);
        var linear = model.Model.SubModel;
        return (model, linear.Weights.Select(w => (double)w).ToArray(), linear.Bias);
    }
}
