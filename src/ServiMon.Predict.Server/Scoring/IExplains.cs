using System.Collections.Immutable;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>Knows the reasons of a prediction.</summary>
internal interface IExplains
{
    /// <summary>The reasons of the newest step. From any thread.</summary>
    ImmutableArray<Driver> Explain();
}
