using ServiMon.Predict.Cli.Configuration;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Input;

/// <summary>Opens the stores that the settings choose.</summary>
internal static class ChosenStore
{
    /// <summary>Opens the stores, made when they are not there: for verbs that write.</summary>
    /// <exception cref="InputException">The settings are wrong, or ask for stores that this build has not.</exception>
    public static async Task<IStore> OpenOrMakeAsync(Settings settings, CancellationToken stop) => settings.StoreKind == StoreKind.Cassandra
        ? await OptionalParts.OpenCassandraAsync(settings.Cassandra, stop)
        : StoreFolder.OpenOrMake(settings.StorePath);

    /// <summary>Opens stores that are there: looking must not make a folder. A keyspace is somebody's decision, in the configuration.</summary>
    /// <exception cref="InputException">There is no store in the folder, the settings are wrong, or ask for stores that this build has not.</exception>
    public static async Task<IStore> OpenExistingAsync(Settings settings, CancellationToken stop) => settings.StoreKind == StoreKind.Cassandra
        ? await OptionalParts.OpenCassandraAsync(settings.Cassandra, stop)
        : StoreFolder.OpenExisting(settings.StorePath);

    /// <summary>Where the stores are, for messages.</summary>
    public static string Place(Settings settings) => settings.StoreKind == StoreKind.Cassandra ? "Cassandra" : settings.StorePath;

    /// <summary>False when there is certainly nothing stored yet.</summary>
    public static bool MayExist(Settings settings) =>
        settings.StoreKind == StoreKind.Cassandra || File.Exists(Path.Combine(settings.StorePath, EmbeddedStore.FileName));

    /// <summary>Checks what the settings say of the stores without opening them.</summary>
    /// <exception cref="InputException">The settings are wrong, or ask for stores that this build has not.</exception>
    public static Settings Check(Settings settings)
    {
        if (settings.StoreKind == StoreKind.Cassandra) OptionalParts.CheckCassandra(settings.Cassandra);
        return settings;
    }
}
