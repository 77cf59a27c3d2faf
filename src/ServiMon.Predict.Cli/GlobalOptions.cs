using System.CommandLine;

namespace ServiMon.Predict.Cli;

/// <summary>Options that every verb takes.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Config { get; } = new("--config")
    {
        HelpName = "FILE", Recursive = true, Description = "Configuration, a JSON file; SERVIMON__SECTION__KEY variables come after it, options last",
    };

    public static Option<string?> Store { get; } = new("--store")
    {
        HelpName = "DIR", Recursive = true, Description = "Folder of the embedded store [default: ./data]",
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Recursive = true, Description = "Machine-readable output and nothing else on standard output",
    };

    public static Option<ulong?> Seed { get; } = new("--seed")
    {
        HelpName = "N", Recursive = true, Description = "Seed of every random choice, 0 or more [default: 1]",
        CustomParser = result =>
        {
            if (ulong.TryParse(result.Tokens[0].Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seed))
                return seed;
            result.AddError($"--seed: '{result.Tokens[0].Value}' is no whole number from 0 on");
            return null;
        },
    };
}
