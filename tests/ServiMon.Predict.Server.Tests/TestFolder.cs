namespace ServiMon.Predict.Server;

/// <summary>A folder of its own for one test, gone after it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("servimon-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
