using System.Runtime.InteropServices;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>The trainers of boosted trees that ML.NET offers.</summary>
public enum Booster { LightGbm, FastTree }

/// <summary>Which booster this machine can use, found out once.</summary>
/// <param name="Booster">The one to use.</param>
/// <param name="Note">One line for the user when it is not LightGBM, else null.</param>
public sealed record BoosterChoice(Booster Booster, string? Note)
{
    /// <summary>Environment variable that forces the choice: <c>lightgbm</c> or <c>fasttree</c>.</summary>
    public const string Variable = "SERVIMON_TRAINER";

    private static readonly Lazy<string?> Missing = new(() => Probe("lib_lightgbm"));

    /// <summary>The booster to use. <paramref name="forced"/> wins over the environment, that wins over what is found.</summary>
    /// <exception cref="InputException">When the environment variable holds another word.</exception>
    public static BoosterChoice Find(Booster? forced = null) => Decide(forced, Environment.GetEnvironmentVariable(Variable), () => Missing.Value);

    /// <summary>The decision itself, from what the user wants and what is missing (null: nothing).</summary>
    public static BoosterChoice Decide(Booster? forced, string? variable, Func<string?> missing)
    {
        var wanted = forced ?? variable?.Trim().ToLowerInvariant() switch
        {
            null or "" => Booster.LightGbm,
            "lightgbm" => Booster.LightGbm,
            "fasttree" => Booster.FastTree,
            _ => throw new InputException(Variable, $"is \"{variable}\", expected lightgbm or fasttree"),
        };
        if (wanted == Booster.FastTree) return new BoosterChoice(Booster.FastTree, null);
        var reason = missing();
        return reason is null
            ? new BoosterChoice(Booster.LightGbm, null)
            : new BoosterChoice(Booster.FastTree, $"LightGBM is not available: {reason}; FastTree is used instead");
    }

    /// <summary>Why a native library cannot be loaded, in a few words, or null when it can.</summary>
    internal static string? Probe(string library)
    {
        try
        {
            var flags = DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories;
            NativeLibrary.Load(library, typeof(Microsoft.ML.Trainers.LightGbm.LightGbmBinaryTrainer).Assembly, flags);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            return Reason(library, e.Message);
        }
    }

    /// <summary>The loader's message in a few words; libgomp, which LightGBM needs on Linux, gets its own.</summary>
    internal static string Reason(string library, string message) => message.Contains("libgomp", StringComparison.Ordinal)
        ? "libgomp.so.1 is missing (Debian/Ubuntu: apt-get install libgomp1)"
        : $"the native library {library} cannot be loaded on {RuntimeInformation.RuntimeIdentifier}";
}
