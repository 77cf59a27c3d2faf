using System.Globalization;

namespace ServiMon.Predict.Bench;

/// <summary>What follows a verb: <c>--name value</c> or <c>--name one,two,three</c>.</summary>
internal sealed class BenchArguments(string[] args)
{
    public string? Text(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    public int Number(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public int[] Numbers(string name, int[] otherwise) =>
        Text(name) is { } text ? [.. text.Split(',').Select(t => int.Parse(t, CultureInfo.InvariantCulture))] : otherwise;

    /// <summary>True where the option is not given, or is this.</summary>
    public bool Allows(string name, string value) => (Text(name) ?? value).Split(',').Contains(value);
}
