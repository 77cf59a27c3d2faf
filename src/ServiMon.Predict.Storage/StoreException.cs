namespace ServiMon.Predict.Storage;

/// <summary>Why a store could not do what was asked.</summary>
public enum StoreFault
{
    /// <summary>Another process holds it for longer than the configured wait; trying again later may help.</summary>
    Locked,

    /// <summary>The disk, or the size that the options allow, is used up.</summary>
    Full,

    /// <summary>What was read is not what was written.</summary>
    Damaged,

    /// <summary>It may be read but not written.</summary>
    ReadOnly,

    /// <summary>It cannot be reached or opened.</summary>
    Unavailable,
}

/// <summary>A store failed while running. Nothing of the operation was kept, or (in Cassandra) so little that doing it again puts it right.</summary>
public sealed class StoreException(StoreFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreFault Fault { get; } = fault;

    /// <summary>True when the same call may succeed later without anybody's help or after room was made.</summary>
    public bool IsTransient => Fault is StoreFault.Locked or StoreFault.Full or StoreFault.Unavailable;
}
