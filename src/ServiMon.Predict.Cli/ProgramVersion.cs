using System.Reflection;

namespace ServiMon.Predict.Cli;

/// <summary>What models are signed with: the program and its version.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } =
        $"servimon {typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"}";
}
