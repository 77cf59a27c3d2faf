namespace ServiMon.Predict.Cli;

public sealed class StagedFolderTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("servimon-tests-");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void Files_appear_together_over_those_that_were_there()
    {
        var target = Path.Combine(_parent.FullName, "a", "b");
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "old.csv"), "old");
        File.WriteAllText(Path.Combine(target, "kept.csv"), "kept");
        using (var folder = new StagedFolder(target, "--out"))
        {
            File.WriteAllText(folder.PathOf("old.csv"), "new");
            File.WriteAllText(folder.PathOf(Path.Combine("deep", "more.csv")), "more");
            Assert.Equal("old", File.ReadAllText(Path.Combine(target, "old.csv")));
            folder.Commit();
        }

        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "old.csv")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(target, "kept.csv")));
        Assert.Equal("more", File.ReadAllText(Path.Combine(target, "deep", "more.csv")));
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(target).Count());
    }

    [Fact]
    public void Without_a_commit_every_folder_that_was_made_goes_again()
    {
        using (var folder = new StagedFolder(Path.Combine(_parent.FullName, "a", "b"), "--out")) File.WriteAllText(folder.PathOf("x.csv"), "x");

        Assert.Empty(_parent.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_file_is_no_folder()
    {
        var path = Path.Combine(_parent.FullName, "file");
        File.WriteAllText(path, "");

        Assert.Equal("--out", Assert.Throws<InputException>(() => new StagedFolder(path, "--out")).Problems[0].Where);
    }
}
