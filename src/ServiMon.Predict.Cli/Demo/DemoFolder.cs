using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>The store of a demo: in the folder that was asked for, else in a temporary one that goes with the demo.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly DirectoryInfo? _temporary;

    public DemoFolder(string? chosen)
    {
        _temporary = chosen is null ? Directory.CreateTempSubdirectory("servimon-demo-") : null;
        try
        {
            Store = StoreFolder.OpenOrMake(chosen ?? _temporary!.FullName);
        }
        catch
        {
            Remove();
            throw;
        }
    }

    public EmbeddedStore Store { get; }

    public void Dispose()
    {
        Store.Dispose();
        Remove();
    }

    private void Remove()
    {
        try
        {
            _temporary?.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A scanner may still hold a file; the system clears its temporary folder itself.
        }
    }
}
