using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>What composites are predicted by, as bytes: the medians of healthy evidence, then the hazards as <see cref="HazardCodec"/> has them.</summary>
internal static class CompositeCodec
{
    public static byte[] Write(CompositeModel model)
    {
        var writer = new StateWriter();
        writer.Int(model.Neutral.Length);
        writer.Floats(model.Neutral.AsSpan());
        writer.Bytes(HazardCodec.Write(model.Hazard));
        return writer.Written.ToArray();
    }

    /// <exception cref="InvalidDataException">When the bytes are not what <see cref="Write"/> gives.</exception>
    public static CompositeModel Read(byte[] bytes)
    {
        var reader = new StateReader(bytes);
        var neutral = new float[reader.Count(sizeof(float))];
        reader.Floats(neutral);
        var hazard = HazardCodec.Read(bytes[^reader.Left..]);
        return hazard.Width == neutral.Length ? new CompositeModel(hazard, [.. neutral])
            : throw new InvalidDataException($"has {neutral.Length} medians and hazards of {hazard.Width} columns");
    }
}
