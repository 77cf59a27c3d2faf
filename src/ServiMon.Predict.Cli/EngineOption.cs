using System.CommandLine;

namespace ServiMon.Predict.Cli;

/// <summary>Which engine looks at series.</summary>
internal enum Engine { Servimon, MlNet }

/// <summary>The option <c>--engine</c>.</summary>
internal static class EngineOption
{
    private static readonly string[] Names = ["servimon", "mlnet"];

    public static Option<Engine> Create() => new("--engine")
    {
        HelpName = "NAME", Description = "servimon, or mlnet for ML.NET's own time series engine, to compare (full build) [default: servimon]",
        CustomParser = result =>
        {
            var at = Array.IndexOf(Names, result.Tokens[0].Value);
            if (at < 0) result.AddError($"--engine: '{result.Tokens[0].Value}' is no engine; allowed: {string.Join(", ", Names)}");
            return (Engine)Math.Max(0, at);
        },
    };
}
