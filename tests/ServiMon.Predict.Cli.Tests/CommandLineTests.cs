namespace ServiMon.Predict.Cli;

/// <summary>The contract of the command line as a whole: help, wrong usage, exit codes.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public void Help_lists_the_verbs_there_are_and_no_other()
    {
        var help = Servimon.Run("--help").Expect(ExitCode.Done).Out;
        var verbs = help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n')[1..].Select(l => l.Trim().Split(' ')[0]).Where(v => v.Length > 0);

        Assert.Equal(["demo", "serve", "backtest", "train", "import", "detect", "forecast", "evaluate", "simulate", "profile", "models", "predict", "export", "assets", "backup", "restore", "retain"], verbs);
    }

    [Theory]
    [InlineData("demo", "--recorded")]
    [InlineData("backtest", "--train-until")]
    [InlineData("train", "--until")]
    [InlineData("import csv", "--incidents")]
    [InlineData("detect", "--input")]
    [InlineData("forecast", "--horizon")]
    [InlineData("simulate", "--fleet")]
    [InlineData("profile init", "--samples")]
    [InlineData("profile check", "<P>")]
    [InlineData("models list", "--profile")]
    [InlineData("models show", "<ID>")]
    public void Every_verb_has_help_with_the_global_options(string verb, string own)
    {
        var help = Servimon.Run([.. verb.Split(' '), "--help"]).Expect(ExitCode.Done).Out;

        foreach (var option in new[] { own, "--config", "--store", "--json", "--seed", "--help" }) Assert.Contains(option, help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detect --inptu a.csv --output b.csv", "--inptu: unknown option; did you mean '--input'?", "servimon detect")]
    [InlineData("detct", "detct: unknown verb; did you mean 'detect'?", "servimon")]
    [InlineData("evaluations", "evaluations: unknown verb", "servimon")]
    [InlineData("evaluate", "a verb is missing", "servimon evaluate")]
    [InlineData("", "a verb is missing", "servimon")]
    [InlineData("models", "a verb is missing", "servimon models")]
    [InlineData("detect --input a.csv", "Option '--output' is required.", "servimon detect")]
    [InlineData("forecast --input a.csv --output b.csv --horizon 0", "--horizon: '0' is no whole number from 1 to 100000", "servimon forecast")]
    [InlineData("forecast --input a.csv --output b.csv --horizon ten", "--horizon: 'ten' is no whole number from 1 to 100000", "servimon forecast")]
    [InlineData("simulate --fleet brokers --days -1 --out d", "--days: '-1' is no number above 0, at most 1000000", "servimon simulate")]
    [InlineData("demo --for soon", "--for: 'soon' is no span of time above zero: expected a number and a unit (ms, s, m, h, d), such as 250ms, 2s, 15m, 1h30m, 7d", "servimon demo")]
    [InlineData("train --profile host --until yesterday", "--until: 'yesterday' is no time; write it in UTC like 2024-01-31T00:00:00Z", "servimon train")]
    [InlineData("models list --seed -3", "--seed: '-3' is no whole number from 0 on", "servimon models list")]
    public void Wrong_usage_is_one_line_and_a_pointer_to_help(string line, string message, string verb)
    {
        var ended = Servimon.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Expect(ExitCode.WrongInput);

        Assert.Equal([$"servimon: {message}", $"servimon: see '{verb} --help'"], ended.ErrorLines);
        Assert.Empty(ended.Out);
    }
}
