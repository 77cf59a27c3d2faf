using CsCheck;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Profiles;

/// <summary>Every slip gives one line with file, line, key, the value found and what is allowed.</summary>
public sealed class ProfileProblemsTests
{
    private const string Minimal = "profile: p\nstep: 1m\nhorizons: [15m, 1h]\n";

    private static string[] Problems(string yaml)
    {
        Assert.False(ProfileReader.TryParse(yaml, "p.yaml", out _, out var problems));
        return [.. problems.Select(p => p.ToString())];
    }

    [Theory]
    [InlineData("horizon: [15m]", "p.yaml:4: horizon: unknown key; did you mean 'horizons'?")]
    [InlineData("banana: 1", "p.yaml:4: banana: unknown key; allowed: profile, step, ")]
    [InlineData("step: 2m", "p.yaml:4: step: duplicate key, first given in line 2")]
    [InlineData("warm_up: 90", "p.yaml:4: warm_up: '90' is no span of time; expected a number and a unit")]
    [InlineData("warm_up: 400d", "p.yaml:4: warm_up: 400d is out of range; allowed: 0s to 365d")]
    [InlineData("warm_up: [1m]", "p.yaml:4: warm_up: is a list; expected a number and a unit")]
    [InlineData("warm_up:", "p.yaml:4: warm_up: is nothing; expected a number and a unit")]
    [InlineData("stale_after: 1s", "p.yaml:4: stale_after: 1s is out of range; allowed: 1m to 3650d")]
    [InlineData("half_lives: [1m, 2m]", "p.yaml:4: half_lives: has 2 entries; expected exactly 3, ascending")]
    [InlineData("half_lives: [1m, 3m, 2m]", "p.yaml:4: half_lives: 2m follows 3m; expected ascending order")]
    [InlineData("groups: []", "p.yaml:4: groups: names none; expected 1 to 16")]
    [InlineData("groups: [a, a]", "p.yaml:4: groups: 'a' is given twice")]
    [InlineData("composite: maybe", "p.yaml:4: composite: is 'maybe'; expected true or false")]
    [InlineData("prior_failures_per_year: -1", "p.yaml:4: prior_failures_per_year: is '-1'; expected a number above 0")]
    [InlineData("prior_failures_per_year: nan", "p.yaml:4: prior_failures_per_year: is 'nan'; expected a number above 0")]
    [InlineData("time_zone: Europe Rome", "p.yaml:4: time_zone: is 'Europe Rome'; expected the name of a time zone")]
    [InlineData("identity: []", "p.yaml:4: identity: names no label")]
    [InlineData("ignore: [[a]]", "p.yaml:4: ignore[0]: is a list; expected the name of a metric")]
    [InlineData("metrics: [a]", "p.yaml:4: metrics: is a list; expected a mapping from metric names")]
    [InlineData("metrics: {a: 3}", "p.yaml:4: metrics.a: is '3'; expected a mapping such as")]
    [InlineData("metrics: {a: {kind: gage}}", "p.yaml:4: metrics.a.kind: is 'gage'; expected one of gauge, counter, event, static")]
    [InlineData("metrics: {a: {role: boss}}", "p.yaml:4: metrics.a.role: is 'boss'; expected one of none, probe_up, probe_latency, error,")]
    [InlineData("metrics: {a: {aggregation: median}}", "p.yaml:4: metrics.a.aggregation: is 'median'; expected one of last, mean, max, min, sum")]
    [InlineData("metrics: {a: {group: presure}}", "p.yaml:4: metrics.a.group: unknown group 'presure'; did you mean 'pressure'?")]
    [InlineData("metrics: {a: {lmit: 1}}", "p.yaml:4: metrics.a.lmit: unknown key; did you mean 'limit'?")]
    [InlineData("metrics: {a: {limit: 0}}", "p.yaml:4: metrics.a.limit: is '0'; expected a number above 0")]
    [InlineData("metrics: {a: {limit: a}}", "p.yaml:4: metrics.a.limit: names the metric itself")]
    [InlineData("metrics: {a: {limit: {remaining: true}}}", "p.yaml:4: metrics.a.limit: needs either metric or constant")]
    [InlineData("metrics: {a: {limit: {metric: b, constant: 1}}}", "p.yaml:4: metrics.a.limit: needs either metric or constant")]
    [InlineData("metrics: {a: {limit: b}, b: {kind: counter}}", "p.yaml:4: metrics.a.limit: 'b' is a counter; a limit must be a static or a gauge")]
    [InlineData("metrics: {a: {scale: 0}}", "p.yaml:4: metrics.a.scale: is '0'; expected a number other than 0")]
    [InlineData("metrics: {\"a\\tb\": {}}", "a metric's name has 1 to 256 printable characters")]
    [InlineData("infer_metrics: false", "p.yaml:4: infer_metrics: is false and metrics names none")]
    [InlineData("probes: [{timeout: 1s}]", "p.yaml:4: probes[0].up: a probe needs up, latency or both")]
    [InlineData("probes: [{up: a, timeout: 1s}]", "p.yaml:4: probes[0].timeout: needs latency")]
    [InlineData("probes: {up: a}", "p.yaml:4: probes: is a mapping; expected a list")]
    [InlineData("failure_rules: [{kind: k, metric: m, when: \"~ 1\"}]", "p.yaml:4: failure_rules[0].when: is '~ 1'; expected missing, or one of")]
    [InlineData("failure_rules: [{metric: m, when: \"< x\"}]", "p.yaml:4: failure_rules[0].kind: is missing")]
    public void Says_where_what_and_what_is_allowed(string line, string expected)
    {
        var problems = Problems(Minimal + line + "\n");
        Assert.Contains(problems, p => p.Contains(expected, StringComparison.Ordinal));
        Assert.All(problems, p => Assert.DoesNotContain('\n', p));
    }

    [Theory]
    [InlineData("15m", "1h, 15m", "15m follows 1h; expected ascending order")]
    [InlineData("15m", "60m, 1h", "1h is given twice")]
    [InlineData("15m", "5m", "5m is shorter than the step of 15m")]
    [InlineData("1m", "", "is empty; expected 1 to 16 spans of time, ascending")]
    [InlineData("1m", "1x", "'1x' is no span of time")]
    [InlineData("1m", "3651d", "3651d is out of range; allowed: 1ms to 3650d")]
    [InlineData("1m", "1m,2m,3m,4m,5m,6m,7m,8m,9m,10m,11m,12m,13m,14m,15m,16m,17m", "has 17 entries; allowed: at most 16")]
    public void Checks_horizons(string step, string horizons, string expected) =>
        Assert.Contains(
            Problems($"profile: p\nstep: {step}\nhorizons: [{horizons}]\n"),
            p => p.StartsWith("p.yaml:3: horizons: " + expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("", "p.yaml:1: the file is empty")]
    [InlineData("# only a comment\n", "p.yaml:1: the file is empty")]
    [InlineData("---\n...\n", "p.yaml:1: the file is empty")]
    [InlineData("just words", "p.yaml:1: is 'just words'; expected a mapping")]
    [InlineData("- a\n- b", "p.yaml:1: is a list; expected a mapping")]
    [InlineData("profile: [unclosed", "not valid YAML: ")]
    [InlineData("a: b: c", "not valid YAML: ")]
    [InlineData("profile: *nowhere", "the alias *nowhere names no anchor before it")]
    [InlineData(Minimal + "---\n" + Minimal, "p.yaml:4: a second document starts here")]
    [InlineData("profile: p\nstep: 8d\nhorizons: [30d]", "p.yaml:2: step: 8d is out of range; allowed: 1ms to 7d")]
    [InlineData("profile: -p\nstep: 1s\nhorizons: [30d]", "p.yaml:1: profile: is '-p'; expected 1 to 64 letters")]
    public void Refuses_files_that_are_no_profile(string yaml, string expected) =>
        Assert.Contains(Problems(yaml), p => p.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Lists_every_problem_in_the_order_of_the_lines()
    {
        var problems = Problems("stp: 1m\nwarm_up: soon\nmetrics:\n  a: {kind: x, group: y, lim: 3}\n  a: {}\ninfer_metrics: 2\n");
        Assert.Equal(
            ["profile: is missing", "step: is missing", "horizons: is missing", "stp: unknown", "warm_up: 'soon'", "metrics.a.kind",
             "metrics.a.group", "metrics.a.lim", "metrics.a: duplicate", "infer_metrics"],
            problems.Select(p => p[(p.IndexOf(": ", StringComparison.Ordinal) + 2)..])
                .OrderBy(p => Array.FindIndex(Order, o => p.StartsWith(o, StringComparison.Ordinal)))
                .Select(p => Order.First(o => p.StartsWith(o, StringComparison.Ordinal))));
        var lines = problems.Select(p => int.Parse(p.Split(':')[1])).ToList();
        Assert.Equal(lines.Order(), lines);
    }

    private static readonly string[] Order =
        ["profile: is missing", "step: is missing", "horizons: is missing", "stp: unknown", "warm_up: 'soon'", "metrics.a.kind",
         "metrics.a.group", "metrics.a.lim", "metrics.a: duplicate", "infer_metrics"];

    [Fact]
    public void Without_inference_every_name_must_be_known()
    {
        var problems = Problems(Minimal + "infer_metrics: false\ndrivers: [load]\nmetrics: {a: {limit: b}}\nfailure_rules: [{kind: k, metric: c, when: missing}]\n");
        Assert.Equal(3, problems.Length);
        Assert.Contains("drivers: unknown metric 'load'", problems[0]);
        Assert.Contains("metrics.a.limit: unknown metric 'b'", problems[1]);
        Assert.Contains("failure_rules[0].metric: unknown metric 'c'", problems[2]);
    }

    [Fact]
    public void Deep_nesting_is_refused_before_it_exhausts_the_stack() =>
        Assert.Contains("nested deeper than 16 levels", Problems(Minimal + "ignore: " + new string('[', 100_000))[0]);

    [Fact]
    public void Aliases_of_aliases_cost_no_time()
    {
        var bomb = Minimal + "ignore:\n  - &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"  - &a{i} [*a{i - 1}, *a{i - 1}]\n"));
        Assert.Equal(61, Problems(bomb).Length);
    }

    [Fact]
    public void Ten_thousand_and_one_metrics_are_too_many() =>
        Assert.Contains(
            "names 10001 metrics; allowed: at most 10000",
            Problems(Minimal + "metrics:\n" + string.Concat(Enumerable.Range(0, 10_001).Select(i => $"  m{i}: {{}}\n")))[0]);

    [Fact]
    public void A_brace_that_confuses_the_parser_is_still_a_problem_of_the_file() =>
        Assert.Contains("brackets, braces or quotes that do not match", Problems("profile: p\n{a: 1s\n\nb:\n  - {c: d}\n")[0]);

    [Fact]
    public void Damaged_files_give_problems_and_never_another_exception()
    {
        var whole = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "models", "recorded-kafka.yaml"));
        var junk = Gen.OneOf<string>("{", "}", "[", "]", ":", "\n", "- ", "*", "&a ", "!", "|", ">", "'", "\"", "\t", "%", "@", "\0", "é", "\ud800", "? ", "<<: ");
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 40], junk).Sample((at, cut, text) =>
        {
            var damaged = string.Concat(whole.AsSpan(0, at), text, whole.AsSpan(Math.Min(whole.Length, at + cut)));
            var good = ProfileReader.TryParse(damaged, "p.yaml", out var profile, out var problems);
            return good ? profile is not null && problems.Count == 0 : profile is null && problems.Count > 0;
        }, iter: 1000);
    }
}
