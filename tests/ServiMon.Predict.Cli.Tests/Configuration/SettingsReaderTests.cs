using System.Collections;

namespace ServiMon.Predict.Cli.Configuration;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-tests-");
    private static readonly SettingsChoice Nothing = new(null, null);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_last_word_counts_file_then_variables_then_options()
    {
        var file = Write("""{ "store": { "path": "from-file" }, "random": { "seed": 3 } } // a comment""");
        var variables = new Hashtable { ["SERVIMON__STORE__PATH"] = "from-variable", ["SERVIMON_TESTDATA"] = "another program's", ["PATH"] = "x" };

        Assert.Equal(new Settings(), SettingsReader.Read(null, new Hashtable(), Nothing));
        Assert.Equal(new Settings { StorePath = "from-file", Seed = 3 }, SettingsReader.Read(file, new Hashtable(), Nothing));
        Assert.Equal(new Settings { StorePath = "from-variable", Seed = 3 }, SettingsReader.Read(file, variables, Nothing));
        Assert.Equal(new Settings { StorePath = "from-option", Seed = 9 }, SettingsReader.Read(file, variables, new SettingsChoice("from-option", 9)));
    }

    [Fact]
    public void Every_unknown_key_and_bad_value_is_named()
    {
        var file = Write("""{ "store": { "paht": "x" }, "random": { "seed": -1 } }""");
        var problems = Assert.Throws<InputException>(() => SettingsReader.Read(file, new Hashtable { ["SERVIMON__RANDOM__SED"] = "1" }, Nothing)).Problems;

        Assert.Equal(
            [
                $"{file}: store.paht: unknown key; did you mean 'store.path'?; known are store.path, store.kind, random.seed, training.checkpoints",
                $"{file}: random.seed: '-1' is not a whole number from 0 on",
                "SERVIMON__RANDOM__SED: unknown key; did you mean 'random.seed'?; known are store.path, store.kind, random.seed, training.checkpoints",
            ],
            problems.Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("{\n  \"store\": [}\n", ":2")]
    [InlineData("[1]", "")]
    public void A_file_that_is_no_object_is_refused_with_its_line(string text, string line)
    {
        var file = Write(text);

        Assert.Equal(file + line, Assert.Throws<InputException>(() => SettingsReader.Read(file, new Hashtable(), Nothing)).Problems[0].Where);
    }

    [Fact]
    public void The_executable_obeys_variables_and_file()
    {
        var file = Write("""{ "store": { "path": "nowhere" } }""");
        var environment = new Dictionary<string, string> { ["SERVIMON__STORE__PATH"] = "elsewhere" };

        Assert.Contains("there is no store in nowhere;", Servimon.Run("models", "list", "--config", file).Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
        Assert.Contains("there is no store in elsewhere;", Servimon.RunIn(_folder.FullName, environment, "models", "list", "--config", file).Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
        Assert.Contains($"{file}.not: no such file", Servimon.Run("models", "list", "--config", file + ".not").Expect(ExitCode.WrongInput).Error, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder.FullName, "config.json");
        File.WriteAllText(path, text);
        return path;
    }
}
