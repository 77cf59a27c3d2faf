namespace ServiMon.Predict.Scoring;

/// <summary>What is known of an asset from elsewhere than its metrics.</summary>
public enum AssetCondition
{
    Normal,

    /// <summary>Down on purpose: no prediction, and the evidence starts anew afterwards.</summary>
    Maintenance,

    /// <summary>A reported incident is going on: no prediction, and the evidence starts anew afterwards.</summary>
    Incident,
}
