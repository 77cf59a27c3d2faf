namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>Why a message is put aside whole: a dead letter with this reason. The list is closed.</summary>
public enum MessageFault
{
    None,

    /// <summary>No bytes, or no sample in it.</summary>
    Empty,

    /// <summary>More bytes than allowed.</summary>
    TooLarge,

    /// <summary>More samples than allowed.</summary>
    TooManySamples,

    /// <summary>The texts that name a series are longer than allowed.</summary>
    LabelsTooLong,

    /// <summary>Not what the format's grammar allows.</summary>
    Syntax,

    /// <summary>A part is not there that every message has: name, labels, fields, time or value.</summary>
    MissingPart,

    /// <summary>A time that cannot be read, or lies outside the years 1 to 9999.</summary>
    BadTime,

    /// <summary>A value that is no number.</summary>
    BadValue,
}

/// <summary>How faults are spelt in headers and labels.</summary>
public static class MessageFaultNames
{
    public static string Text(this MessageFault fault) => fault switch
    {
        MessageFault.None => "none",
        MessageFault.Empty => "empty",
        MessageFault.TooLarge => "too_large",
        MessageFault.TooManySamples => "too_many_samples",
        MessageFault.LabelsTooLong => "labels_too_long",
        MessageFault.Syntax => "syntax",
        MessageFault.MissingPart => "missing_part",
        MessageFault.BadTime => "bad_time",
        MessageFault.BadValue => "bad_value",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "not a message fault"),
    };
}
