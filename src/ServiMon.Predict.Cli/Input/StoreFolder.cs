using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Input;

/// <summary>Opens the embedded store that the settings name.</summary>
internal static class StoreFolder
{
    /// <summary>Opens the store, made when it is not there: for verbs that write.</summary>
    public static EmbeddedStore OpenOrMake(string folder) => EmbeddedStore.Open(folder);

    /// <summary>Opens a store that is there: looking must not make one.</summary>
    /// <exception cref="InputException">There is no store in the folder.</exception>
    public static EmbeddedStore OpenExisting(string folder)
    {
        if (!File.Exists(Path.Combine(folder, EmbeddedStore.FileName)))
            throw new InputException("--store", $"there is no store in {folder}; servimon import csv makes one");
        return EmbeddedStore.Open(folder);
    }
}
