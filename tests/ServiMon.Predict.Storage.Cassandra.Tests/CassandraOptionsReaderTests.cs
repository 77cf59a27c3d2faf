using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra;

public sealed class CassandraOptionsReaderTests
{
    [Fact]
    public void Little_is_needed()
    {
        var options = Read(("contact_points", "a, b:9043"));

        Assert.Equal(["a", "b:9043"], options.ContactPoints);
        Assert.Equal("cassandra://a,b:9043/servimon", options.Place);
        Assert.Equal(ConsistencyLevel.LocalOne, options.Consistency.HistoryRead);
        Assert.Equal(ConsistencyLevel.LocalQuorum, options.Consistency.Registry);
    }

    [Fact]
    public void Every_value_out_of_range_is_told_at_once()
    {
        var problems = Problems(("contact_points", "a:0"), ("keyspace", "1x"), ("keep_history", "1h"), ("page_rows", "5"), ("consistency.log", "MOST"), ("tls.key_file", "none.pem"),
            ("user", "ann"), ("no_such_key", "1"));

        Assert.Equal(
            [
                "contact_points: 'a:0' is no server; give host or host:port, the port from 1 to 65535",
                "tls.key_file: there is no file 'none.pem'",
                "tls.certificate_file: is missing; a certificate and its key come together",
                "keep_history: '1h' is not a span of time from 1d to 3650d",
                "page_rows: '5' is not a whole number from 10 to 20000",
                "consistency.log: 'MOST' is not one of ONE, LOCAL_ONE, QUORUM, LOCAL_QUORUM, EACH_QUORUM, ALL",
                "keyspace: '1x' is no name of a keyspace; allowed: 1 to 48 lower-case letters, digits and underscores, a letter first",
                "password_file: is missing; a user and a password come together, the password in a file or as SERVIMON__CASSANDRA__PASSWORD",
            ],
            problems.Select(p => p.Replace("cassandra.", "", StringComparison.Ordinal)).Take(8));
        Assert.StartsWith("no_such_key: unknown key; allowed: batch_rows, connect_wait", problems[8].Replace("cassandra.", "", StringComparison.Ordinal));
        Assert.Equal(9, problems.Count);
    }

    [Fact]
    public void A_secret_may_not_stand_in_a_configuration_file()
    {
        var texts = new Dictionary<string, OptionText>
        {
            ["contact_points"] = new("x", "a"), ["user"] = new("x", "ann"), ["password"] = new("config.json: cassandra.password", "secret"),
        };
        var problem = Assert.Single(Assert.Throws<InputException>(() => CassandraOptionsReader.Read(texts)).Problems);

        Assert.Equal("config.json: cassandra.password: may not stand in a configuration file; give it as environment variable, or its file as cassandra.password_file", problem.ToString());
        texts["password"] = new OptionText("SERVIMON__CASSANDRA__PASSWORD", "secret");
        Assert.Equal("secret", CassandraOptionsReader.Read(texts).Password);
    }

    [Fact]
    public void A_password_is_the_first_line_of_its_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "open sesame\r\nsecond line\n");
        var options = Read(("contact_points", "a"), ("user", "ann"), ("password_file", file));
        File.Delete(file);

        Assert.Equal("open sesame", options.Password);
    }

    private static CassandraOptions Read(params (string Key, string Value)[] texts) =>
        CassandraOptionsReader.Read(texts.ToDictionary(t => t.Key, t => new OptionText($"cassandra.{t.Key}", t.Value)));

    private static List<string> Problems(params (string Key, string Value)[] texts) =>
        [.. Assert.Throws<InputException>(() => Read(texts)).Problems.Select(p => p.ToString())];
}
