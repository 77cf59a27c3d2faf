using System.Collections.Immutable;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>Which asset: names are unique within a profile. Ordered by profile, then asset (ordinal).</summary>
public readonly record struct AssetKey(string Profile, string Asset) : IComparable<AssetKey>
{
    public int CompareTo(AssetKey other)
    {
        var byProfile = string.CompareOrdinal(Profile, other.Profile);
        return byProfile != 0 ? byProfile : string.CompareOrdinal(Asset, other.Asset);
    }
}

/// <summary>What is said of one asset now. Immutable, but for the reasons, which are worked out when they are first read.</summary>
public sealed record AssetPrediction
{
    private ImmutableArray<Driver> _drivers = [];
    private FleetSlot? _explainer;

    public required AssetKey Key { get; init; }

    /// <summary>True for a composite: it has no rows of its own.</summary>
    public bool IsComposite { get; init; }

    /// <summary>Event time of the step that it was made for, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When it was given, by the service's clock, UTC.</summary>
    public required DateTimeOffset Given { get; init; }

    public required PredictionState State { get; init; }

    public PredictionBasis Basis { get; init; }

    /// <summary>By ascending horizon; empty unless the state is ready.</summary>
    public ImmutableArray<HorizonProbability> Probabilities { get; init; } = [];

    /// <summary>
    /// Why, largest share first; empty when there is no reason to tell. Explaining costs as much as many predictions, so it is done when
    /// somebody reads this, from any thread; should the asset have moved on meanwhile, they are the reasons of its newest step.
    /// </summary>
    public ImmutableArray<Driver> Drivers
    {
        get
        {
            if (Volatile.Read(ref _explainer) is { } explainer)
            {
                _drivers = explainer.Explain();
                Volatile.Write(ref _explainer, null);
            }
            return _drivers;
        }
        init
        {
            _drivers = value;
            _explainer = null;
        }
    }

    /// <summary>Who knows the reasons.</summary>
    internal FleetSlot? Explainer { init => _explainer = value; }

    /// <summary>The model that gave it; empty without one.</summary>
    public string ModelId { get; init; } = "";

    /// <summary>Tells whether a replay has the same evidence.</summary>
    public ulong EvidenceDigest { get; init; }

    /// <summary>Probability of the longest horizon, 0 to 1; NaN unless the state is ready.</summary>
    public double LongestProbability => Probabilities.IsDefaultOrEmpty ? double.NaN : Probabilities[^1].Probability;
}
