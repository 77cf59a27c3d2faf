namespace ServiMon.Predict.Server.Telemetry;

/// <summary>The gauges and counters on <c>/metrics</c>: base units, <c>_ratio</c> for 0 to 1, <c>_total</c> for what only grows.</summary>
internal static class MetricNames
{
    private const string Prefix = "servimon_predict_";

    public const string FailureProbability = Prefix + "failure_probability_ratio";
    public const string PredictionState = Prefix + "prediction_state";
    public const string BreachProbability = Prefix + "breach_probability_ratio";
    public const string BreachError = Prefix + "breach_standard_error_ratio";
    public const string BreachEstimates = Prefix + "breach_estimates_total";
    public const string BreachesWaiting = Prefix + "breaches_waiting_assets";
    public const string BreachBudget = Prefix + "breach_budget_per_second";
    public const string BreachDuration = Prefix + "breach_duration_seconds";
    public const string DriverShare = Prefix + "driver_share_ratio";
    public const string ModelDetails = Prefix + "model_info";
    public const string ModelTrained = Prefix + "model_trained_timestamp_seconds";
    public const string BrierScore = Prefix + "brier_score_ratio";
    public const string CalibrationError = Prefix + "calibration_error_ratio";
    public const string ResolvedPredictions = Prefix + "resolved_predictions";
    public const string ReliabilityPredictions = Prefix + "reliability_predictions";
    public const string ReliabilityExpected = Prefix + "reliability_expected_predictions";
    public const string ReliabilityObserved = Prefix + "reliability_observed_predictions";
    public const string DriftObserved = Prefix + "drift_observed_to_expected_ratio";
    public const string DriftBrier = Prefix + "drift_brier_to_training_ratio";
    public const string DriftState = Prefix + "drift_state";
    public const string InputDistance = Prefix + "input_distance_ratio";
    public const string ApproximationError = Prefix + "approximation_error_ratio";
    public const string TrainingRuns = Prefix + "training_runs_total";
    public const string TrainingRunning = Prefix + "training_running";
    public const string TrainingProgress = Prefix + "training_stage_progress_ratio";
    public const string TrainingSucceeded = Prefix + "training_last_success_timestamp_seconds";
    public const string TrainingDuration = Prefix + "training_last_duration_seconds";
    public const string RetentionRuns = Prefix + "retention_runs_total";
    public const string RetentionRemoved = Prefix + "retention_removed_total";
    public const string RetentionSucceeded = Prefix + "retention_last_success_timestamp_seconds";
    public const string Assets = Prefix + "assets";
    public const string ExportedAssets = Prefix + "exported_assets";
    public const string ExportedAssetsLimit = Prefix + "exported_assets_limit";
    public const string SamplesAccepted = Prefix + "samples_accepted_total";
    public const string SamplesOutOfOrder = Prefix + "samples_out_of_order_total";
    public const string SamplesDropped = Prefix + "samples_dropped_total";
    public const string SamplesPushed = Prefix + "samples_pushed_total";
    public const string Messages = Prefix + "messages_total";
    public const string ScatteredAssets = Prefix + "scattered_assets_total";
    public const string RekeyActive = Prefix + "rekey_active";
    public const string RekeyMessages = Prefix + "rekey_messages_total";
    public const string RekeySamples = Prefix + "rekey_samples_total";
    public const string RekeyDropped = Prefix + "rekey_samples_dropped_total";
    public const string RekeyLag = Prefix + "rekey_lag_messages";
    public const string MessagesMissed = Prefix + "messages_missed_total";
    public const string MessagesMalformed = Prefix + "messages_malformed_total";
    public const string DeadLetters = Prefix + "dead_letters_total";
    public const string Steps = Prefix + "steps_scored_total";
    public const string StateSaves = Prefix + "state_saves_total";
    public const string ConsumerLag = Prefix + "consumer_lag_messages";
    public const string EventDelay = Prefix + "event_delay_seconds";
    public const string ScoringDuration = Prefix + "scoring_duration_seconds";
    public const string IngestUp = Prefix + "ingest_up";
}
