using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training;

/// <summary>Another fleet whose incidents help to train the universal part.</summary>
public sealed record PooledFleet(Profile Profile, FleetData Data);

/// <summary>Where a long piece of work stands: a stage's name and the share of it that is done, 0 to 1.</summary>
public sealed record TrainingProgress(string Stage, double Share);
