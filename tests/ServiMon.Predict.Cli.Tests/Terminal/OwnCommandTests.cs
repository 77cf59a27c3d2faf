namespace ServiMon.Predict.Cli.Terminal;

public sealed class OwnCommandTests
{
    [Theory]
    [InlineData("/opt/servimon/servimon", "/somewhere", "/usr/bin:/opt/servimon", "servimon")]
    [InlineData("/opt/servimon/servimon", "/opt/servimon", "/usr/bin", "./servimon")]
    [InlineData("/clone/src/bin/servimon", "/clone", null, "src/bin/servimon")]
    [InlineData("/opt/servimon/servimon", "/somewhere", "/usr/bin", "/opt/servimon/servimon")]
    [InlineData("/usr/bin/dotnet", "/opt", "/usr/bin", "dotnet servimon/servimon.dll")]
    public void It_is_what_can_be_typed_here(string process, string current, string? path, string expected) =>
        Assert.Equal(expected, OwnCommand.For(process, "/opt/servimon", current, path));
}
