namespace ServiMon.Predict.Training;

/// <summary>The rows drawn from one asset, until all are put together.</summary>
internal sealed class EvidenceRows
{
    private readonly List<float[]> _evidence = [];
    private readonly List<int> _asset = [];
    private readonly List<long> _ticks = [];
    private readonly List<long> _toIncident = [];
    private readonly List<long> _maintenance = [];
    private readonly List<int> _incident = [];
    private readonly List<float> _weight = [];

    public int Count => _ticks.Count;

    /// <summary>Until when what happened to the asset is known.</summary>
    public long Known { get; private set; }

    /// <param name="toIncident">Ticks to the next incident, <see cref="long.MaxValue"/> for none.</param>
    /// <param name="maintenance">The next maintenance, <see cref="long.MaxValue"/> for none: a planned stop ends the follow-up, for positives and negatives alike.</param>
    public void Add(float[] evidence, int asset, long ticks, long toIncident, long maintenance, int incident, double weight)
    {
        _evidence.Add([.. evidence]);
        _asset.Add(asset);
        _ticks.Add(ticks);
        _toIncident.Add(toIncident);
        _maintenance.Add(maintenance);
        _incident.Add(incident);
        _weight.Add((float)weight);
    }

    /// <param name="known">Until when what happened to the asset is known; <see cref="long.MaxValue"/> for ever.</param>
    public void Close(long known) => Known = known;

    /// <summary>Some of the rows, for <see cref="Read"/>.</summary>
    public void Write(StateWriter writer, int from, int count)
    {
        writer.Int(count);
        for (var i = from; i < from + count; i++)
        {
            writer.Longs([_ticks[i], _toIncident[i], _maintenance[i]]);
            writer.Int(_incident[i]);
            writer.Floats([_weight[i]]);
            writer.Floats(_evidence[i]);
        }
    }

    /// <summary>Adds rows that were written.</summary>
    /// <exception cref="InvalidDataException">When the bytes end too early.</exception>
    public void Read(ref StateReader reader, int asset, int width)
    {
        var weight = new float[1];
        for (var left = reader.Count(3 * sizeof(long) + sizeof(int) + (1 + width) * sizeof(float)); left > 0; left--)
        {
            _asset.Add(asset);
            _ticks.Add(reader.Long());
            _toIncident.Add(reader.Long());
            _maintenance.Add(reader.Long());
            _incident.Add(reader.Int());
            reader.Floats(weight);
            _weight.Add(weight[0]);
            var evidence = new float[width];
            reader.Floats(evidence);
            _evidence.Add(evidence);
        }
    }

    public static EvidenceTable ToTable(IReadOnlyList<EvidenceRows> assets, int width, int incidentCount)
    {
        var values = new float[(long)width * assets.Sum(a => a._evidence.Count)];
        var at = 0L;
        foreach (var asset in assets)
            for (var i = 0; i < asset._evidence.Count; i++, at += width)
            {
                asset._evidence[i].CopyTo(values, at);
                asset._evidence[i] = [];
            }
        return new EvidenceTable
        {
            Width = width, Values = values, Asset = [.. assets.SelectMany(a => a._asset)], AssetCount = assets.Count, Ticks = [.. assets.SelectMany(a => a._ticks)],
            SecondsToIncident = [.. assets.SelectMany(a => a._toIncident.Select(Seconds))],
            SecondsObserved = [.. assets.SelectMany(a => a._ticks.Select((ticks, i) => Math.Min(a.Known, a._maintenance[i]) is var end && end == long.MaxValue ? double.PositiveInfinity : Seconds(end - ticks)))],
            Incident = [.. assets.SelectMany(a => a._incident)], IncidentCount = incidentCount, Weight = [.. assets.SelectMany(a => a._weight)],
        };
    }

    private static double Seconds(long ticks) => ticks == long.MaxValue ? double.PositiveInfinity : ticks / (double)TimeSpan.TicksPerSecond;
}
