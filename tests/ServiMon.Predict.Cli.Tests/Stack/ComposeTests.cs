using System.Text.Json;
using System.Text.RegularExpressions;
using ServiMon.Predict.House;
using ServiMon.Predict.Testing;
using YamlDotNet.RepresentationModel;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>The container stack, as far as it can be checked without an engine.</summary>
public sealed class ComposeTests
{
    private static readonly ComposeFile Compose = new();

    [Fact]
    public void Images_are_pinned_to_a_version() => TidyTests.AssertNone("images without an exact version",
        Compose.Images().Where(i => !Regex.IsMatch(i.Image, @"^[\w./-]+:v?\d+\.\d+\.\d+$")).Select(i => $"{i.Where}: {i.Image}"));

    [Fact]
    public void Every_service_has_a_health_check_a_limit_of_memory_and_runs_no_new_privileges()
    {
        foreach (var service in Compose.Services)
        {
            Assert.True(Compose.Find(service, "healthcheck") is YamlMappingNode, $"{service} has no healthcheck");
            Assert.Matches(@"^\d+[mg]$", ComposeFile.Text(Compose.Find(service, "mem_limit")!));
            Assert.Contains("no-new-privileges:true", Compose.List(service, "security_opt"));
        }
    }

    [Fact]
    public void Ports_are_published_once_and_on_loopback_only()
    {
        var published = Compose.Services.SelectMany(s => Compose.List(s, "ports")).ToList();
        Assert.All(published, p => Assert.Matches(@"^127\.0\.0\.1:\d+:\d+$", p));
        Assert.Equal(published.Count, published.Select(p => p.Split(':')[1]).Distinct().Count());
        Assert.Contains("127.0.0.1:5081:5081", published);
    }

    [Fact]
    public void What_is_mounted_and_built_from_exists()
    {
        foreach (var service in Compose.Services)
        {
            foreach (var volume in Compose.List(service, "volumes"))
            {
                var source = volume.Split(':')[0];
                if (source.StartsWith('.')) Assert.True(Path.Exists(SourceTree.FullPath(source)), $"{service} mounts {source}");
                else if (source != "/") Assert.Contains(source, Compose.Names("volumes"));
            }
            if (Compose.Dockerfile(service) is not { } dockerfile) continue;
            var context = Compose.Find(service, "build") is YamlScalarNode folder ? folder.Value! : ".";
            foreach (Match copy in Regex.Matches(SourceTree.Read(dockerfile), @"^COPY (?:--chmod=\d+ )?(?!--from)(.+) \S+$", RegexOptions.Multiline))
                foreach (var source in copy.Groups[1].Value.Split(' '))
                    Assert.True(Path.Exists(SourceTree.FullPath($"{context}/{source}")), $"{dockerfile} copies {source}");
        }
        foreach (var volume in Compose.Names("volumes")) Assert.Contains(Compose.Services, s => Compose.List(s, "volumes").Any(v => v.StartsWith($"{volume}:", StringComparison.Ordinal)));
    }

    /// <summary>What is embedded or linked from elsewhere, such as the tables of Cassandra, is found by a pattern: without it the build succeeds and the program fails.</summary>
    [Fact]
    public void The_image_is_built_from_everything_that_its_projects_read()
    {
        var copied = Regex.Matches(SourceTree.Read("deploy/docker/servimon/Dockerfile"), @"^COPY (?:--chmod=\d+ )?(?!--from)(.+) (\S+)$", RegexOptions.Multiline)
            .SelectMany(m => m.Groups[1].Value.Split(' ')).ToList();
        var read = Directory.EnumerateFiles(SourceTree.FullPath("src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => Regex.Matches(File.ReadAllText(project), "(?:Include|Link|ProtoRoot|AdditionalImportDirs)=\"\\.\\./\\.\\./([^\"]+)\"").Select(m => (Project: Path.GetFileName(project), Path: m.Groups[1].Value))).ToList();
        Assert.Contains(read, r => r.Path.StartsWith("docs/cassandra/", StringComparison.Ordinal));
        TidyTests.AssertNone("files that the image's build lacks", read.Where(r => !copied.Any(c => r.Path == c || r.Path.StartsWith($"{c}/", StringComparison.Ordinal))).Select(r => $"{r.Project}: {r.Path}"));
    }

    [Fact]
    public void Passwords_come_from_files_that_have_to_be_given()
    {
        foreach (var secret in Compose.Names("secrets"))
        {
            Assert.StartsWith("${SERVIMON_SECRETS:?", Compose.Secret(secret));
            Assert.EndsWith($"/{secret}", Compose.Secret(secret));
            Assert.Contains(Compose.Services, s => Compose.List(s, "secrets").Contains(secret));
        }
        TidyTests.AssertNone("passwords written down", Compose.Services.SelectMany(Compose.Environment)
            .Where(e => Regex.IsMatch(e.Key, "PASSWORD|SECRET|TOKEN") && !e.Key.EndsWith("__FILE", StringComparison.Ordinal)).Select(e => e.Key));
        Assert.Equal("/run/secrets/grafana_admin_password", Compose.Environment("grafana")["GF_SECURITY_ADMIN_PASSWORD__FILE"]);
        foreach (Match read in Regex.Matches(SourceTree.Read("deploy/docker/cassandra/set-passwords.sh"), @"/run/secrets/(\w+)"))
            Assert.Contains(read.Groups[1].Value, Compose.List("cassandra-roles", "secrets"));
    }

    [Fact]
    public void The_program_accepts_the_configuration_and_the_environment_that_it_is_given()
    {
        // The image is of the full build; the embedded one accepts everything but the kind of store, which has a test of its own.
        var embedded = Compose.Environment("servimon").Append(new("SERVIMON__STORE__KIND", "embedded")).ToDictionary();
        var ended = Servimon.RunIn(TestFiles.RepositoryRoot, embedded, "serve", "--check", "--config", SourceTree.FullPath("deploy/docker/servimon/service.json")).Expect(0);
        Assert.Contains("kafka-broker, cassandra-node", ended.Out);
        // An option that the program does not have would not have passed.
        var wrong = Servimon.RunIn(TestFiles.RepositoryRoot, new Dictionary<string, string> { ["SERVIMON__KAFKA__BROKERS"] = "k:9092", ["SERVIMON__STORE__KIND"] = "embedded" },
            "serve", "--check", "--config", SourceTree.FullPath("deploy/docker/servimon/service.json")).Expect(2);
        Assert.Contains("SERVIMON__KAFKA__BROKERS: unknown key", wrong.Error);
    }

    [Fact]
    public void The_settings_for_Cassandra_are_documented_and_the_password_is_the_stacks()
    {
        using var file = JsonDocument.Parse(SourceTree.Read("deploy/docker/servimon/service.json"), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var settings = file.RootElement.GetProperty("cassandra");
        var documented = Regex.Matches(SourceTree.Read("docs/formats/cassandra-store.md"), @"^\| (`.+?) \|", RegexOptions.Multiline)
            .SelectMany(row => Regex.Matches(row.Groups[1].Value, "`([a-z_.]+)`")).Select(key => key.Groups[1].Value);
        TidyTests.AssertNone("settings that nobody knows", settings.EnumerateObject().Select(s => s.Name).Except(documented));
        Assert.Equal("cassandra", file.RootElement.GetProperty("store").GetProperty("kind").GetString());
        Assert.Contains(Path.GetFileName(settings.GetProperty("password_file").GetString()!), Compose.List("servimon", "secrets"));
    }

    [Fact]
    public void Hosts_and_ports_between_services_are_those_of_the_stack()
    {
        var named = new[] { "deploy/prometheus/prometheus.yml", "deploy/docker/telegraf.conf", "deploy/docker/servimon/service.json", "deploy/grafana/provisioning/datasources/prometheus.yml" }
            .SelectMany(f => Regex.Matches(SourceTree.Read(f), """(?<=["/])([a-z][a-z-]+):(\d{4,5})\b""")).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.Contains("telegraf", named);
        TidyTests.AssertNone("hosts that are no services", named.Except(Compose.Services));
        foreach (var (service, port) in new[] { ("kafka", 9404), ("cassandra", 9404) })
            Assert.Contains($"=:{port}:", Compose.Environment(service).Values.Single(v => v.Contains("-javaagent", StringComparison.Ordinal)).Replace("agent.jar=", "=:", StringComparison.Ordinal));
    }

    [Fact]
    public void The_simulator_is_started_with_options_that_it_has()
    {
        var command = Compose.List("simulator", "command");
        Assert.Equal("simulate", command[0]);
        var help = Servimon.Run("simulate", "--help").Expect(0).Out;
        Assert.SkipUnless(help.Contains("--kafka", StringComparison.Ordinal), "simulate of this build cannot produce to Kafka");
        TidyTests.AssertNone("options that simulate does not have", command.Where(o => o.StartsWith("--", StringComparison.Ordinal) && !help.Contains(o, StringComparison.Ordinal)));
    }
}
