using System.Globalization;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>Numbers of things in words: 1 spike, 2 spikes.</summary>
internal static class Counted
{
    /// <param name="one">What one of them is called; several have an s more.</param>
    public static string Of(long count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count} {one}{(count == 1 ? "" : "s")}");
}
