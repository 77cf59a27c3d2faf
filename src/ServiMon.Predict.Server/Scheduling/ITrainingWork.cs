using ServiMon.Predict.Training;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>What a training run does once it may.</summary>
public interface ITrainingWork
{
    /// <summary>Trains, adds the model to the registry and, if the order and the gate allow, makes it champion.</summary>
    /// <exception cref="InputException">When there is nothing to train on.</exception>
    /// <exception cref="OperationCanceledException">When cancelled.</exception>
    Task<TrainingOutcome> RunAsync(TrainingOrder order, IProgress<TrainingProgress> progress, CancellationToken ct);
}
